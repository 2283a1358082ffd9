"""Leases and rescue."""

from __future__ import annotations

from uuid import uuid4

from trx_server.store import (
    Rescue,
    held_slots,
    leave,
    live_runners,
    register,
    renew,
    rescue,
    settle,
)

from .harness import NOW, POOL, Ledger, attempts_at, completed, gathered, next_attempt, retried


async def expire(ledger: Ledger) -> None:
    await ledger.pool.execute(
        "UPDATE runner SET lease_until = now() - interval '1 ms' WHERE id = $1", ledger.runner
    )


async def test_a_live_lease_is_never_rescued_however_long_the_work_takes(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await ledger.pool.execute("UPDATE task SET started_at = 'epoch'")

    assert await rescue(ledger.pool, 3, ledger.ids, NOW) == Rescue([], 0, 0)

    assert await settle(ledger.pool, ledger.runner, [completed(attempt)], ledger.ids, NOW) == {
        attempt.task.id
    }


async def test_the_tasks_of_an_expired_lease_wait_again(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    other = await ledger.another_runner()
    [theirs] = attempts_at(await ledger.accept())
    await ledger.claim([theirs], other)
    await ledger.pool.execute("UPDATE task SET published_at = now(), published_epoch = 'e'")
    await expire(ledger)

    assert await rescue(ledger.pool, 3, ledger.ids, NOW + 9) == Rescue([ledger.runner], 1, 0)

    row = await ledger.row(attempt.task)
    assert (row["status"], row["attempt"], row["runner_id"]) == ("queued", 1, None)
    assert (row["published_at"], row["published_epoch"]) == (None, None)
    log = await ledger.pool.fetchrow("SELECT * FROM schedule_log WHERE event_type = 'recovered'")
    assert log is not None
    assert (log["task_id"], log["timestamp"]) == (attempt.task.id, NOW + 9)
    assert log["details"] == {"attempt": 1, "runner": str(ledger.runner)}
    assert (await ledger.row(theirs.task))["status"] == "processing"
    assert await ledger.claim([next_attempt(attempt)], other) == {attempt.task.id}
    assert await live_runners(ledger.pool) == {other}


async def test_a_task_whose_attempts_are_spent_becomes_a_dead_letter(ledger: Ledger) -> None:
    once, twice = await ledger.running(2)
    await settle(ledger.pool, ledger.runner, [retried(twice)], ledger.ids, NOW)
    await ledger.claim([next_attempt(twice)])
    await expire(ledger)

    assert await rescue(ledger.pool, 2, ledger.ids, NOW + 9) == Rescue([ledger.runner], 1, 1)

    assert (await ledger.row(once.task))["status"] == "queued"
    row = await ledger.row(twice.task)
    assert (row["status"], row["completed_at"]) == ("failed", NOW + 9)
    letter = await ledger.pool.fetchrow("SELECT * FROM dead_letter")
    assert letter is not None
    assert (letter["task_id"], letter["reason"], letter["attempt"]) == (
        twice.task.id,
        "attempts_spent",
        2,
    )
    assert str(ledger.runner) in letter["detail"]
    assert (await ledger.events(twice.task))[-1] == "dead_lettered"


async def test_rescuers_at_work_together_rescue_each_task_once(ledger: Ledger) -> None:
    attempts = await ledger.running(200)
    others = [await ledger.another_runner(0) for _ in range(3)]
    await expire(ledger)

    found = await gathered(*[lambda: rescue(ledger.pool, 3, ledger.ids, NOW) for _ in range(4)])

    assert sorted(one for part in found for one in part.runners) == sorted([ledger.runner, *others])
    assert sum(part.requeued for part in found) == 200
    assert await ledger.count("schedule_log WHERE event_type = 'recovered'") == 200
    assert await ledger.count("task WHERE status = 'queued' AND attempt = 1") == len(attempts)


async def test_a_lease_is_renewed_until_it_is_lost(ledger: Ledger) -> None:
    await expire(ledger)
    assert await renew(ledger.pool, ledger.runner, 60)
    assert (await rescue(ledger.pool, 3, ledger.ids, NOW)).runners == []

    await expire(ledger)
    await rescue(ledger.pool, 3, ledger.ids, NOW)
    assert not await renew(ledger.pool, ledger.runner, 60)
    assert not await renew(ledger.pool, uuid4(), 60)

    await register(ledger.pool, ledger.runner, "host", 1, 60)
    assert await renew(ledger.pool, ledger.runner, 60)


async def test_registering_again_renews(ledger: Ledger) -> None:
    await expire(ledger)
    await register(ledger.pool, ledger.runner, "host", 1, 60)

    assert (await rescue(ledger.pool, 3, ledger.ids, NOW)).runners == []


async def test_a_runner_that_leaves_idle_is_gone(ledger: Ledger) -> None:
    await leave(ledger.pool, ledger.runner)

    assert await ledger.count("runner") == 0
    assert (await rescue(ledger.pool, 3, ledger.ids, NOW)).runners == []


async def test_a_runner_that_leaves_work_behind_is_rescued_at_once(ledger: Ledger) -> None:
    await ledger.running(2)
    await leave(ledger.pool, ledger.runner)

    assert await rescue(ledger.pool, 3, ledger.ids, NOW) == Rescue([ledger.runner], 2, 0)


async def test_the_slots_that_are_held_are_told_by_runner_and_pool(ledger: Ledger) -> None:
    other = await ledger.another_runner()
    await ledger.running(2, slots=3)
    [done] = await ledger.running(slots=100)
    await settle(ledger.pool, ledger.runner, [completed(done)], ledger.ids, NOW)
    await ledger.claim(attempts_at(await ledger.accept()), other)

    assert await held_slots(ledger.pool) == {ledger.runner: {POOL.id: 6}, other: {POOL.id: 1}}
