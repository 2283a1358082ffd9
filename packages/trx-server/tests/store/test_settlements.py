"""Settlements: an attempt is closed once, by the runner that holds it."""

from __future__ import annotations

import random
from uuid import uuid4

import asyncpg
import pytest

from trx_core.ids import IdFactory
from trx_server.store import claim, rescue, settle

from .harness import NOW, POOL, Ledger, completed, dead, next_attempt, retried

PLACED = {
    "attempt": 1,
    "pool": "east",
    "pool_id": str(POOL.id),
    "algorithm": "greedy",
    "slots": 1,
}


async def test_success_ends_a_task(ledger: Ledger) -> None:
    [attempt] = await ledger.running()

    closed = await settle(ledger.pool, ledger.runner, [completed(attempt)], ledger.ids, NOW)

    assert closed == {attempt.task.id}
    row = await ledger.row(attempt.task)
    assert (row["status"], row["completed_at"], row["error"]) == ("completed", NOW + 2, None)
    log = await ledger.pool.fetchrow("SELECT * FROM schedule_log WHERE event_type = 'completed'")
    assert log is not None
    assert log["timestamp"] == NOW + 2
    assert log["details"] == {**PLACED, "latency": 0.5, "cost": 2.0}
    assert await ledger.count("dead_letter") == 0


async def test_a_retry_is_queued_until_due_and_not_published(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await ledger.pool.execute("UPDATE task SET published_at = now(), published_epoch = 'e'")

    await settle(ledger.pool, ledger.runner, [retried(attempt)], ledger.ids, NOW)

    row = await ledger.row(attempt.task)
    assert (row["status"], row["attempt"], row["due_at"]) == ("queued", 1, NOW + 5)
    assert (row["published_at"], row["published_epoch"]) == (None, None)
    assert (row["completed_at"], row["error"]) == (None, "transient")
    log = await ledger.pool.fetchrow("SELECT * FROM schedule_log WHERE event_type = 'retried'")
    assert log is not None
    assert log["details"] == {
        **PLACED,
        "latency": 0.1,
        "cost": 1.0,
        "error": "transient",
        "detail": "connection reset",
        "due": NOW + 5,
    }


async def test_death_leaves_a_dead_letter(ledger: Ledger) -> None:
    [attempt] = await ledger.running()

    await settle(ledger.pool, ledger.runner, [dead(attempt)], ledger.ids, NOW)

    row = await ledger.row(attempt.task)
    assert (row["status"], row["completed_at"], row["error"]) == ("failed", NOW + 2, "permanent")
    letter = await ledger.pool.fetchrow("SELECT * FROM dead_letter")
    log = await ledger.pool.fetchrow("SELECT * FROM schedule_log ORDER BY id DESC LIMIT 1")
    assert letter is not None
    assert log is not None
    assert dict(letter) == {
        "id": log["id"],
        "task_id": attempt.task.id,
        "reason": "permanent",
        "error": "permanent",
        "detail": "no such model",
        "attempt": 1,
        "dead_at": NOW + 2,
        "raw": None,
    }
    assert log["event_type"] == "dead_lettered"
    assert log["details"]["reason"] == "permanent"


async def test_one_batch_may_end_in_all_three_ways(ledger: Ledger) -> None:
    attempts = await ledger.running(300)
    ends = [completed, retried, dead]

    closed = await settle(
        ledger.pool,
        ledger.runner,
        [ends[place % 3](attempt) for place, attempt in enumerate(attempts)],
        ledger.ids,
        NOW,
    )

    assert len(closed) == 300
    for status in ("completed", "queued", "failed"):
        assert await ledger.count(f"task WHERE status = '{status}'") == 100
    assert await ledger.count("dead_letter") == 100
    assert await ledger.count("schedule_log") == 900


async def test_what_is_not_ours_is_passed_over(ledger: Ledger) -> None:
    other = await ledger.another_runner()
    mine, theirs, newer = await ledger.running(3)
    await ledger.pool.execute("UPDATE task SET runner_id = $1 WHERE id = $2", other, theirs.task.id)
    await settle(ledger.pool, ledger.runner, [retried(newer)], ledger.ids, NOW)
    await ledger.claim([next_attempt(newer)])

    closed = await settle(
        ledger.pool,
        ledger.runner,
        [completed(mine), completed(theirs), completed(newer)],
        ledger.ids,
        NOW,
    )

    assert closed == {mine.task.id}
    assert (await ledger.row(theirs.task))["status"] == "processing"
    row = await ledger.row(newer.task)
    assert (row["status"], row["attempt"]) == ("processing", 2)
    assert await ledger.events(theirs.task) == ["enqueued", "dispatched"]


async def test_a_repeated_settlement_is_answered_alike_and_written_once(ledger: Ledger) -> None:
    one, two, three = await ledger.running(3)
    settlements = [completed(one), retried(two), dead(three)]

    first = await settle(ledger.pool, ledger.runner, settlements, ledger.ids, NOW)
    before = [await ledger.row(s.attempt.task) for s in settlements]
    second = await settle(ledger.pool, ledger.runner, settlements, ledger.ids, NOW + 1)

    assert first == second == {one.task.id, two.task.id, three.task.id}
    assert [await ledger.row(s.attempt.task) for s in settlements] == before
    assert await ledger.count("dead_letter") == 1
    assert await ledger.count("schedule_log") == 9


async def test_a_different_end_does_not_replace_the_first(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await settle(ledger.pool, ledger.runner, [completed(attempt)], ledger.ids, NOW)

    assert await settle(ledger.pool, ledger.runner, [dead(attempt)], ledger.ids, NOW) == set()

    assert (await ledger.row(attempt.task))["status"] == "completed"
    assert await ledger.count("dead_letter") == 0


@pytest.mark.parametrize("max_attempts", [1, 3])
async def test_a_runner_that_was_rescued_settles_nothing(ledger: Ledger, max_attempts: int) -> None:
    attempts = await ledger.running(3)
    await ledger.pool.execute("UPDATE runner SET lease_until = now() - interval '1 s'")
    await rescue(ledger.pool, max_attempts, ledger.ids, NOW)
    before = [await ledger.row(attempt.task) for attempt in attempts]
    settlements = [
        end(attempt) for end, attempt in zip((completed, retried, dead), attempts, strict=True)
    ]

    closed = await settle(ledger.pool, ledger.runner, settlements, ledger.ids, NOW)

    assert closed == set()
    assert [await ledger.row(attempt.task) for attempt in attempts] == before


async def test_a_batch_that_fails_leaves_nothing_written(ledger: Ledger) -> None:
    attempts = await ledger.running(100)
    taken = IdFactory(random.Random(1)).many(100, NOW)
    await ledger.pool.execute(
        "INSERT INTO schedule_log (id, task_id, timestamp, event_type)"
        " VALUES ($1, $2, $3, 'completed')",
        taken[50],
        uuid4(),
        NOW,
    )

    with pytest.raises(asyncpg.UniqueViolationError):
        await settle(
            ledger.pool,
            ledger.runner,
            [dead(attempt) for attempt in attempts],
            IdFactory(random.Random(1)),
            NOW,
        )

    assert await ledger.count("task WHERE status = 'processing'") == 100
    assert await ledger.count("dead_letter") == 0


async def test_a_claim_that_fails_leaves_nothing_written(ledger: Ledger) -> None:
    attempts = await ledger.running(10)
    await settle(ledger.pool, ledger.runner, [retried(a) for a in attempts], ledger.ids, NOW)

    again = IdFactory(random.Random(7))
    assert again.many(10, NOW) == [attempt.task.id for attempt in attempts]
    with pytest.raises(asyncpg.UniqueViolationError):
        await claim(ledger.pool, ledger.runner, [*map(next_attempt, attempts)], again, NOW)

    assert await ledger.count("task WHERE status = 'queued' AND attempt = 1") == 10


@pytest.mark.parametrize("detail", ["nul \0 inside", "lone \ud800 surrogate", "x" * 1_000_000])
async def test_whatever_a_worker_says_can_be_written_down(ledger: Ledger, detail: str) -> None:
    [attempt] = await ledger.running()
    outcome = dead(attempt).outcome._replace(detail=detail)

    await settle(ledger.pool, ledger.runner, [dead(attempt, outcome)], ledger.ids, NOW)

    stored = await ledger.pool.fetchval("SELECT detail FROM dead_letter")
    assert stored[:4] == detail[:4]
    assert len(stored) <= 4096


async def test_no_settlements_are_no_trouble(ledger: Ledger) -> None:
    assert await settle(ledger.pool, ledger.runner, [], ledger.ids, NOW) == set()
