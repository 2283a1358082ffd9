"""Cancelling: only what is pending, whoever comes first."""

from __future__ import annotations

from functools import partial

import anyio

from trx_core.models import TaskStatus
from trx_server.store import CancelOutcome, cancel_task, settle

from .harness import NOW, Ledger, attempts_at, completed, gathered, retried


async def test_a_pending_task_is_cancelled_and_logged(ledger: Ledger) -> None:
    [task] = await ledger.accept()

    outcome = await cancel_task(ledger.pool, task.id, ledger.ids, NOW + 3)

    assert outcome == CancelOutcome(True, TaskStatus.CANCELLED)
    row = await ledger.row(task)
    assert (row["status"], row["completed_at"]) == ("cancelled", NOW + 3)
    assert await ledger.events(task) == ["enqueued", "cancelled"]


async def test_a_task_that_waits_to_be_tried_again_is_pending(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await settle(ledger.pool, ledger.runner, [retried(attempt)], ledger.ids, NOW)

    assert (await cancel_task(ledger.pool, attempt.task.id, ledger.ids, NOW)).cancelled


async def test_what_is_not_pending_is_left_alone(ledger: Ledger) -> None:
    running, done = await ledger.running(2)
    await settle(ledger.pool, ledger.runner, [completed(done)], ledger.ids, NOW)
    [gone] = await ledger.accept()
    await cancel_task(ledger.pool, gone.id, ledger.ids, NOW)

    outcomes = [
        await cancel_task(ledger.pool, task_id, ledger.ids, NOW)
        for task_id in (running.task.id, done.task.id, gone.id, ledger.ids.one(NOW))
    ]

    assert outcomes == [
        CancelOutcome(False, TaskStatus.PROCESSING),
        CancelOutcome(False, TaskStatus.COMPLETED),
        CancelOutcome(False, TaskStatus.CANCELLED),
        CancelOutcome(False, None),
    ]
    assert await ledger.events(gone) == ["enqueued", "cancelled"]
    assert await ledger.events(running.task) == ["enqueued", "dispatched"]


async def test_a_cancellation_that_a_claim_overtakes_says_processing(ledger: Ledger) -> None:
    [task] = await ledger.accept()
    outcomes: list[CancelOutcome] = []

    async def cancel() -> None:
        outcomes.append(await cancel_task(ledger.pool, task.id, ledger.ids, NOW))

    async with (
        anyio.create_task_group() as group,
        ledger.pool.acquire() as other,
        other.transaction(),
    ):
        await other.execute(
            "UPDATE task SET status = 'processing', attempt = 1 WHERE id = $1", task.id
        )
        group.start_soon(cancel)
        await ledger.blocked(1)

    assert outcomes == [CancelOutcome(False, TaskStatus.PROCESSING)]
    assert await ledger.events(task) == ["enqueued"]


async def test_either_the_claim_or_the_cancellation_wins(ledger: Ledger) -> None:
    for _ in range(20):
        [task] = await ledger.accept()
        outcome, claimed = await gathered(
            partial(cancel_task, ledger.pool, task.id, ledger.ids, NOW),
            partial(ledger.claim, attempts_at([task])),
        )
        if outcome.cancelled:
            assert claimed == set()
            assert await ledger.events(task) == ["enqueued", "cancelled"]
        else:
            assert claimed == {task.id}
            assert outcome.status is TaskStatus.PROCESSING
            assert await ledger.events(task) == ["enqueued", "dispatched"]
