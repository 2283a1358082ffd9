"""The outbox: everything that is queued enters the stream, and no row is taken twice at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import anyio
import pytest

from trx_core.models import Attempt, Task
from trx_server.store import (
    Unpublished,
    cancel_task,
    mark_published,
    settle,
    take_unpublished,
    unpublish,
)

from .harness import NOW, Ledger, attempts_at, next_attempt, retried

EPOCH = "b"


async def taken(
    ledger: Ledger, limit: int = 1000, older_than: float = 0, epoch: str = EPOCH
) -> list[Unpublished]:
    async with take_unpublished(ledger.pool, limit, older_than, epoch) as rows:
        return rows


def ids(rows: Sequence[Unpublished]) -> list[UUID]:
    return [row.task.id for row in rows]


async def age(ledger: Ledger, tasks: Sequence[Task], seconds: float) -> None:
    await ledger.pool.execute(
        "UPDATE task SET queued_at = queued_at - $2 * interval '1 second' WHERE id = ANY($1)",
        [task.id for task in tasks],
        seconds,
    )


async def test_what_is_taken_is_published_and_not_taken_again(ledger: Ledger) -> None:
    tasks = await ledger.accept(3, region="eu", metadata={"a": 1})

    assert await taken(ledger) == [Unpublished(task, None) for task in tasks]

    assert await taken(ledger) == []
    assert await ledger.count(f"task WHERE published_epoch = '{EPOCH}'") == 3
    assert await ledger.count("task WHERE published_at IS NOT NULL") == 3


async def test_the_oldest_come_first_and_fresh_ones_are_left(ledger: Ledger) -> None:
    fresh = await ledger.accept(2)
    old = await ledger.accept(2)
    older = await ledger.accept(2)
    await age(ledger, old, 60)
    await age(ledger, older, 120)

    assert ids(await taken(ledger, limit=3, older_than=30)) == [
        *(task.id for task in older),
        old[0].id,
    ]
    assert ids(await taken(ledger, older_than=30)) == [old[1].id]
    assert ids(await taken(ledger)) == [task.id for task in fresh]


async def test_a_retry_is_fresh_when_it_is_queued_and_says_when_it_is_due(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await age(ledger, [attempt.task], 3600)
    await settle(ledger.pool, ledger.runner, [retried(attempt)], ledger.ids, NOW)

    assert await taken(ledger, older_than=60) == []
    [row] = await taken(ledger)

    assert row.due == NOW + 5
    assert row.task.attempt == 1


async def test_what_another_epoch_had_is_taken_and_this_ones_is_not(ledger: Ledger) -> None:
    before, after, now = await ledger.accept(3)
    await mark_published(ledger.pool, [before], "a")
    await mark_published(ledger.pool, [now], EPOCH)
    await mark_published(ledger.pool, [after], "c")

    assert set(ids(await taken(ledger, older_than=3600))) == {before.id, after.id}
    assert await taken(ledger, older_than=3600) == []


async def test_the_limit_holds_over_all_kinds(ledger: Ledger) -> None:
    tasks = await ledger.accept(6)
    await mark_published(ledger.pool, tasks[2:4], "a")
    await mark_published(ledger.pool, tasks[4:], "c")

    assert ids(await taken(ledger, limit=5)) == [task.id for task in tasks[:5]]
    assert ids(await taken(ledger, limit=5)) == [tasks[5].id]


async def test_only_queued_tasks_are_taken(ledger: Ledger) -> None:
    await ledger.running()
    [cancelled] = await ledger.accept()
    await cancel_task(ledger.pool, cancelled.id, ledger.ids, NOW)

    assert await taken(ledger) == []


async def test_relays_at_work_together_never_have_the_same_row(ledger: Ledger) -> None:
    tasks = await ledger.accept(500)
    await mark_published(ledger.pool, tasks[200:], "lost")
    seen: list[UUID] = []

    async def relay() -> None:
        while True:
            async with take_unpublished(ledger.pool, 20, 0, EPOCH) as rows:
                await anyio.sleep(0)
                seen.extend(ids(rows))
            if not rows:
                return

    async with take_unpublished(ledger.pool, 20, 0, EPOCH) as held:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(relay)
        seen.extend(ids(held))

    assert sorted(seen) == [task.id for task in tasks]


async def test_what_could_not_be_published_stays_in_the_outbox(ledger: Ledger) -> None:
    tasks = await ledger.accept(3)

    with pytest.raises(ConnectionError, match="Redis"):
        async with take_unpublished(ledger.pool, 10, 0, EPOCH):
            raise ConnectionError("Redis is away")
    with anyio.move_on_after(0.05):
        async with take_unpublished(ledger.pool, 10, 0, EPOCH):
            await anyio.sleep_forever()

    assert ids(await taken(ledger)) == [task.id for task in tasks]


async def test_a_late_mark_does_not_hide_a_retry(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await settle(ledger.pool, ledger.runner, [retried(attempt)], ledger.ids, NOW)

    await mark_published(ledger.pool, [attempt.task], EPOCH)
    assert (await ledger.row(attempt.task))["published_epoch"] is None

    await mark_published(ledger.pool, [next_attempt(attempt).task], EPOCH)
    assert (await ledger.row(attempt.task))["published_epoch"] == EPOCH


async def test_marking_does_not_wait_for_a_claim(ledger: Ledger) -> None:
    busy, free = await ledger.accept(2)
    async with ledger.pool.acquire() as claimer, claimer.transaction():
        await claimer.execute("SELECT FROM task WHERE id = $1 FOR NO KEY UPDATE", busy.id)
        with anyio.fail_after(10):
            await mark_published(ledger.pool, [busy, free], EPOCH)

    assert (await ledger.row(busy))["published_epoch"] is None
    assert (await ledger.row(free))["published_epoch"] == EPOCH


async def test_claims_and_marks_of_the_same_tasks_go_together(ledger: Ledger) -> None:
    accepted: set[UUID] = set()

    async def claim_all(attempts: list[Attempt]) -> None:
        accepted.update(await ledger.claim(attempts))

    total = 0
    for _ in range(10):
        tasks = await ledger.accept(200)
        total += len(tasks)
        async with anyio.create_task_group() as group:
            group.start_soon(mark_published, ledger.pool, tasks[::-1], EPOCH)
            group.start_soon(claim_all, attempts_at(tasks))
            group.start_soon(mark_published, ledger.pool, tasks, EPOCH)

    assert len(accepted) == total


async def test_what_is_unpublished_is_taken_once_more_if_it_is_queued(ledger: Ledger) -> None:
    waiting, *_ = await ledger.accept(2)
    [running] = await ledger.running()
    await ledger.pool.execute("UPDATE task SET published_at = now(), published_epoch = $1", EPOCH)

    await unpublish(ledger.pool, [waiting.id, running.task.id])

    assert ids(await taken(ledger)) == [waiting.id]
    assert (await ledger.row(running.task))["published_epoch"] == EPOCH
