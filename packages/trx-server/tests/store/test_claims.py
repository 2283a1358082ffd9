"""Claims: one runner carries a task out, once."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import anyio
import pytest

from trx_core.models import Attempt
from trx_server.store import (
    LeaseLostError,
    cancel_task,
    claim,
    rescue,
    settle,
    take_unpublished,
)

from .harness import (
    NOW,
    POOL,
    Ledger,
    attempts_at,
    completed,
    gathered,
    next_attempt,
    retried,
    shuffled,
)


async def test_a_claim_writes_down_who_where_and_when(ledger: Ledger) -> None:
    [task] = await ledger.accept(slots=3)
    [attempt] = attempts_at([task])

    assert await ledger.claim([attempt]) == {task.id}

    row = await ledger.row(task)
    assert row["status"] == "processing"
    assert (row["attempt"], row["runner_id"], row["worker_id"]) == (1, ledger.runner, POOL.id)
    assert (row["started_at"], row["algorithm_used"]) == (NOW + 1, "greedy")
    log = await ledger.pool.fetchrow("SELECT * FROM schedule_log WHERE event_type = 'dispatched'")
    assert log is not None
    assert (log["task_id"], log["timestamp"]) == (task.id, NOW + 1)
    assert log["details"] == {
        "attempt": 1,
        "pool": "east",
        "pool_id": str(POOL.id),
        "algorithm": "greedy",
        "slots": 3,
    }


async def test_only_what_is_queued_for_this_attempt_is_claimed(ledger: Ledger) -> None:
    other = await ledger.another_runner()
    fresh, cancelled, elsewhere, future = await ledger.accept(4)
    await cancel_task(ledger.pool, cancelled.id, ledger.ids, NOW)
    await ledger.claim(attempts_at([elsewhere]), other)
    again, done = await ledger.running(2)
    await settle(ledger.pool, ledger.runner, [retried(again), completed(done)], ledger.ids, NOW)
    unknown = attempts_at(await ledger.accept())[0]
    await ledger.pool.execute("DELETE FROM task WHERE id = $1", unknown.task.id)

    accepted = await ledger.claim(
        [
            *attempts_at([fresh, cancelled, elsewhere]),
            *attempts_at([future], number=2),
            again,
            done,
            unknown,
        ]
    )

    assert accepted == {fresh.id}
    assert (await ledger.row(elsewhere))["runner_id"] == other
    assert (await ledger.row(again.task))["status"] == "queued"
    assert await ledger.events(cancelled) == ["enqueued", "cancelled"]
    assert await ledger.events(again.task) == ["enqueued", "dispatched", "retried"]


async def test_the_second_attempt_keeps_the_first_start(ledger: Ledger) -> None:
    [first] = await ledger.running()
    await settle(ledger.pool, ledger.runner, [retried(first)], ledger.ids, NOW)

    assert await ledger.claim([next_attempt(first)]) == {first.task.id}

    row = await ledger.row(first.task)
    assert (row["attempt"], row["started_at"], row["due_at"]) == (2, NOW + 1, None)


async def test_a_repeated_claim_is_accepted_and_logged_once(ledger: Ledger) -> None:
    attempts = await ledger.running(50)
    more = attempts_at(await ledger.accept(50))

    accepted = await ledger.claim([*attempts, *more])

    assert accepted == {attempt.task.id for attempt in [*attempts, *more]}
    assert await ledger.count("schedule_log WHERE event_type = 'dispatched'") == 100


async def test_runners_that_race_claim_each_task_once(ledger: Ledger) -> None:
    runners = [ledger.runner, await ledger.another_runner(), await ledger.another_runner()]
    for round_ in range(8):
        tasks = await ledger.accept(300)
        orders = [attempts_at(shuffled(tasks, 3 * round_ + place)) for place in range(3)]
        results: list[set[object]] = await gathered(
            *(
                partial(ledger.claim, attempts, runner)
                for attempts, runner in zip(orders, runners, strict=True)
            )
        )
        assert sum(map(len, results)) == 300
        assert set().union(*results) == {task.id for task in tasks}
    assert await ledger.count("schedule_log WHERE event_type = 'dispatched'") == 8 * 300
    owners = await ledger.pool.fetch("SELECT runner_id, count(*) FROM task GROUP BY runner_id")
    assert {row[0] for row in owners} <= set(runners)


async def test_a_claim_waits_for_a_relay_instead_of_refusing(ledger: Ledger) -> None:
    tasks = await ledger.accept(20)
    accepted: list[set[object]] = []

    async def claim_all() -> None:
        accepted.append(set(await ledger.claim(attempts_at(tasks))))

    async with (
        anyio.create_task_group() as group,
        take_unpublished(ledger.pool, 100, 0, "e1") as rows,
    ):
        assert len(rows) == 20
        group.start_soon(claim_all)
        await ledger.blocked(1)

    assert accepted == [{task.id for task in tasks}]


async def test_an_unregistered_runner_learns_so_and_claims_nothing(ledger: Ledger) -> None:
    tasks = await ledger.accept(3)

    with pytest.raises(LeaseLostError, match="TRX-A303"):
        await ledger.claim(attempts_at(tasks), uuid4())

    assert await ledger.count("task WHERE status = 'queued'") == 3
    assert await ledger.claim([], uuid4()) == set()


async def test_a_runner_that_is_being_rescued_cannot_slip_a_claim_in(ledger: Ledger) -> None:
    attempts: list[Attempt] = attempts_at(await ledger.accept(3))
    refused: list[LeaseLostError] = []

    async def claim_late() -> None:
        try:
            await claim(ledger.pool, ledger.runner, attempts, ledger.ids, NOW)
        except LeaseLostError as error:
            refused.append(error)

    async with (
        anyio.create_task_group() as group,
        ledger.pool.acquire() as rescuer,
        rescuer.transaction(),
    ):
        await rescuer.execute("DELETE FROM runner WHERE id = $1", ledger.runner)
        group.start_soon(claim_late)
        await ledger.blocked(1)

    assert len(refused) == 1
    assert await ledger.count("task WHERE status = 'processing'") == 0


async def test_what_is_claimed_during_a_rescue_is_not_left_behind(ledger: Ledger) -> None:
    """A claim that is not committed yet shields its runner from the rescue."""
    await ledger.pool.execute("UPDATE runner SET lease_until = now() - interval '1 s'")
    async with ledger.pool.acquire() as claimer, claimer.transaction():
        await claimer.execute("SELECT FROM runner WHERE id = $1 FOR KEY SHARE", ledger.runner)
        assert (await rescue(ledger.pool, 3, ledger.ids, NOW)).runners == []

    assert (await rescue(ledger.pool, 3, ledger.ids, NOW)).runners == [ledger.runner]
