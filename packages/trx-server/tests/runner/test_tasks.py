"""What becomes of tasks while every server and every runner is well."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import anyio
import wayward
from live_site import RETRY, Site, fleet, fullest, kinds, open_site, until

import trx_algorithms.plugin
from trx_core.models import EventType, Task, WorkerSpec
from trx_core.plugins import registry_of
from trx_server.store import cancel_task, insert_tasks


async def test_one_runner_carries_every_task_out_exactly_once(site: Site) -> None:
    tasks = await site.accept(200)
    async with site.runner() as live:
        tasks += await site.accept(100, priority=10)
        histories = await site.audit(tasks)
        assert await site.ledger.held(live.id) == {}
    assert await site.status() == {"completed": 300}
    expected = ["enqueued", "dispatched", "completed"]
    assert all(kinds(history) == expected for history in histories.values())
    for row in await site.pool.fetch("SELECT * FROM task"):
        assert (row["attempt"], row["algorithm_used"]) == (1, "greedy")
        assert row["enqueued_at"] <= row["started_at"] <= row["completed_at"] <= time.time()
    assert await site.pool.fetchval("SELECT count(*) FROM runner") == 0


async def test_the_ledger_of_record_shows_how_full_the_pools_are(site: Site) -> None:
    async def loads() -> list[int]:
        rows = await site.pool.fetch("SELECT current_load FROM worker_pool ORDER BY name")
        return [row[0] for row in rows]

    tasks = await site.accept(8, type="slow")
    async with site.runner():
        await until(lambda: _is(loads, [5, 3]))
        await site.audit(tasks)
        await until(lambda: _is(loads, [0, 0]))


async def _is(ask: Any, wanted: object) -> bool:
    return bool(await ask() == wanted)


async def test_failures_are_tried_again_after_a_while_until_attempts_are_spent(site: Site) -> None:
    unsteady = await site.accept(60, type="unsteady")
    flaky = await site.accept(10, type="flaky")
    hopeless = await site.accept(10, type="hopeless")
    async with site.runner(breaker=site.settings.breaker.model_copy(update={"failures": 1000})):
        histories = await site.audit([*unsteady, *flaky, *hopeless])
    again = ["dispatched", "retried"]
    for task in flaky:
        assert kinds(histories[task.id]) == ["enqueued", *again * 2, "dispatched", "dead_lettered"]
    for task in hopeless:
        assert kinds(histories[task.id]) == ["enqueued", "dispatched", "dead_lettered"]
    waits = [wait for history in histories.values() for wait in _waits(history)]
    assert len(waits) > 20
    for attempt, delay, waited in waits:
        longest = RETRY.base * RETRY.factor ** (attempt - 1)
        assert longest * (1 - RETRY.jitter) <= delay <= longest + 1e-6
        assert waited >= delay - 1e-6
    letters = await site.pool.fetch("SELECT task_id, reason, error, attempt FROM dead_letter")
    told = {row["task_id"]: tuple(row)[1:] for row in letters}
    dead = {task.id for task in [*flaky, *hopeless, *unsteady]} & told.keys()
    assert len(told) == len(letters) == len(dead) == (await site.status())["failed"]
    assert {told[task.id] for task in flaky} == {("attempts_spent", "transient", 3)}
    assert {told[task.id] for task in hopeless} == {("permanent", "permanent", 1)}


def _waits(history: list[Any]) -> list[tuple[int, float, float]]:
    """Of each retry: after which attempt, for how long, and how long it took in the end."""
    starts = {
        e.details["attempt"]: e.timestamp for e in history if e.event_type is EventType.DISPATCHED
    }
    return [
        (n := e.details["attempt"], e.details["due"] - e.timestamp, starts[n + 1] - e.timestamp)
        for e in history
        if e.event_type is EventType.RETRIED
    ]


async def test_a_message_that_cannot_be_read_is_a_dead_letter_and_stops_nobody(site: Site) -> None:
    await site.accept(20)
    [stored] = site.make(1)
    await insert_tasks(site.pool, [stored], site.ids, time.time())
    named = b'{"id":"%s","type":3}' % str(stored.id).encode()
    lane = f"{site.settings.namespace}:{{p0}}:lane:normal"
    for message in (b"no json \xff", b'{"type":"plain"}', named):
        await site.client.xadd(lane, {b"t": message})
    await site.client.xadd(lane, {b"other": b"field", b"zero": b"\0"})
    await site.accept(20)
    async with site.runner():
        await site.ended()
        await until(site.is_clear)
    assert await site.status() == {"completed": 40, "failed": 1}
    letters = await site.pool.fetch("SELECT task_id, reason, raw FROM dead_letter")
    assert len(letters) == 4
    assert {letter["reason"] for letter in letters} == {"poison"}
    assert sum(letter["task_id"] is not None for letter in letters) == 1
    assert all(letter["raw"] for letter in letters)


async def test_a_task_that_was_cancelled_in_the_window_is_never_carried_out(site: Site) -> None:
    blockers = await site.accept(8, type="slow", priority=10)
    async with site.runner():
        await until(lambda: _is(site.status, Counter(processing=8)))
        tasks = await site.accept(30)
        await until(lambda: _read_all(site))
        for task in tasks[::2]:
            assert (await cancel_task(site.pool, task.id, site.ids, time.time())).cancelled
        histories = await site.audit([*blockers, *tasks])
    for number, task in enumerate(tasks):
        ending = ["dispatched", "completed"] if number % 2 else ["cancelled"]
        assert sorted(kinds(histories[task.id])) == sorted(["enqueued", *ending])


async def _read_all(site: Site) -> bool:
    return (await site.queue.depth()).lag == 0


async def test_an_entry_that_comes_twice_is_carried_out_once(site: Site) -> None:
    tasks = await site.accept(60)
    await site.queue.append(tasks)
    async with site.runner() as one, site.runner() as two:
        for _ in range(10):
            await site.queue.append(tasks)
            await anyio.sleep(0.05)
        histories = await site.audit(tasks)
        assert one.id != two.id
    expected = ["enqueued", "dispatched", "completed"]
    assert all(kinds(history) == expected for history in histories.values())


async def test_an_entry_that_comes_again_while_its_end_is_written_down_is_not_carried_out(
    site: Site,
) -> None:
    worker = WorkerSpec(kind="counting")
    pools = [pool.model_copy(update={"worker": worker}) for pool in fleet(5, 3).pools]
    await site.change_fleet(pools)
    wayward.CARRIED_OUT.clear()
    tasks = await site.accept(5)
    async with site.runner(
        registry=registry_of({"algorithms": trx_algorithms.plugin, "wayward": wayward})
    ):
        async with site.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE dead_letter")
            await until(lambda: _is(_carried_out, 5))
            for _ in range(5):
                await site.queue.append(tasks)
                await anyio.sleep(0.1)
        histories = await site.audit(tasks)
    assert {wayward.CARRIED_OUT[task.id] for task in tasks} == {1}
    assert all(len(history) == 3 for history in histories.values())


async def _carried_out() -> int:
    return len(wayward.CARRIED_OUT)


async def test_several_runners_never_overfill_a_pool(migrated: str, redis_url: str) -> None:
    capacity = {"p0": 1, "p1": 2, "p2": 3}
    async with open_site(migrated, redis_url, fleet(*capacity.values())) as site:
        sizes = {pool.id: pool.capacity for pool in fleet(*capacity.values()).pools}
        seen: list[int] = []

        async def watch() -> None:
            while True:
                loads = await site.ledger.loads()
                assert all(load <= sizes[pool] for pool, load in loads.items()), loads
                seen.append(sum(loads.values()))
                await anyio.sleep(0.005)

        async with anyio.create_task_group() as watching:
            watching.start_soon(watch)
            tasks: list[Task] = []
            async with AsyncExitStack() as stack:
                for _ in range(3):
                    await stack.enter_async_context(site.runner(window=20))
                for slots in (1, 2, 3, 1):
                    tasks += await site.accept(60, slots=slots)
                histories = await site.audit(tasks)
            watching.cancel_scope.cancel()
        log = [entry for history in histories.values() for entry in history]
        most = fullest(log)
        assert {name: load for name, load in most.items() if load > capacity[name]} == {}
        assert most == capacity and max(seen) > 3


async def test_a_pool_that_is_closed_gets_no_more_tasks(site: Site) -> None:
    pools = [
        pool.model_copy(update={"capacity": 0 if pool.name == "p0" else pool.capacity})
        for pool in fleet(5, 3).pools
    ]
    async with site.runner():
        before = await site.accept(50)
        await site.ended()
        await site.change_fleet(pools)
        await anyio.sleep(1.5)
        after = await site.accept(50)
        histories = await site.audit([*before, *after])
    assert {_pool(histories[task.id]) for task in before} == {"p0", "p1"}
    assert {_pool(histories[task.id]) for task in after} == {"p1"}


def _pool(history: list[Any]) -> str:
    [pool] = {e.details["pool"] for e in history if e.event_type is EventType.COMPLETED}
    return str(pool)


async def test_a_task_that_fits_nowhere_waits_and_holds_nobody_up(site: Site) -> None:
    [huge] = await site.accept(1, slots=6, priority=10)
    tasks = await site.accept(50)
    async with site.runner():
        await until(lambda: _is(site.status, Counter(completed=50, queued=1)))
        await site.change_fleet(fleet(6, 3).pools)
        await site.audit([huge, *tasks])
