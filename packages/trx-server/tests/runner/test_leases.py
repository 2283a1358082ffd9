"""Runners that leave, die, or are only taken for dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID, uuid4

import anyio
from live_site import LEASE, Site, until

from trx_core.models import EventType, ScheduleLog
from trx_server.queue.connect import command
from trx_server.store import register

WAYWARD = (sys.executable, str(Path(__file__).parent / "programs" / "wayward_runner.py"))


async def test_a_runner_that_stops_hands_what_waits_to_others_at_once(site: Site) -> None:
    lease = 3600.0
    async with site.runner(lease_seconds=lease, window=500) as first:
        tasks = await site.accept(8, type="slow") + await site.accept(300)
        await until(lambda: _all_read(site))
        async with site.runner(lease_seconds=lease) as second:
            first.stop.set()
            with anyio.fail_after(60):
                await first.stopped.wait()
            assert await site.ledger.held(first.id) == {}
            histories = await site.audit(tasks)
            assert first.id != second.id
    assert _recovered(histories) == 0
    assert await site.status() == {"completed": 308}


async def test_a_runner_that_stops_while_it_reads_loses_nothing(site: Site) -> None:
    lease = 3600.0
    tasks = []
    for _ in range(6):
        async with site.runner(lease_seconds=lease, window=20) as live:
            tasks += await site.accept(40)
            live.stop.set()
            tasks += await site.accept(40)
    async with site.runner(lease_seconds=lease):
        histories = await site.audit(tasks)
    assert _recovered(histories) == 0


async def test_what_does_not_end_within_the_grace_is_run_by_another(site: Site) -> None:
    lease = 3600.0
    tasks = await site.accept(8, type="slow") + await site.accept(50)
    async with site.runner(lease_seconds=lease, grace=0.0) as first:
        await until(lambda: _is_running(site, 8))
        first.stop.set()
        await first.stopped.wait()
    async with site.runner(lease_seconds=LEASE):
        histories = await site.audit(tasks)
    assert _recovered(histories) == 8


async def test_a_runner_that_is_killed_is_replaced_within_a_few_leases(site: Site) -> None:
    tasks = await site.accept(8, type="slow")
    async with site.process() as process:
        await until(lambda: _is_running(site, 8))
        tasks += await site.accept(100)
        await until(lambda: _all_read(site))
        async with site.runner():
            process.kill()
            histories = await site.audit(tasks)
            await until(lambda: _has_one_consumer(site))
    assert _recovered(histories) == 8
    assert await site.status() == {"completed": 108}


async def test_a_paused_runner_finds_its_tasks_taken_and_goes_on_working(site: Site) -> None:
    tasks = await site.accept(8, type="slow")
    async with site.process() as process:
        await until(lambda: _is_running(site, 8))
        tasks += await site.accept(60)
        await until(lambda: _all_read(site))
        os.kill(process.pid, signal.SIGSTOP)
        async with site.runner():
            await site.ended()
        os.kill(process.pid, signal.SIGCONT)
        tasks += await site.accept(8, type="slow")
        await until(lambda: _is_running(site, 8))
        tasks += await site.accept(60)
        histories = await site.audit(tasks)
    assert _recovered(histories) == 8
    assert await site.status() == {"completed": 136}


async def test_slots_are_stated_anew_by_a_runner_that_was_taken_for_dead(site: Site) -> None:
    tasks = await site.accept(8, type="slow")
    async with site.runner(lease_seconds=2.0) as live:
        await until(lambda: _is_running(site, 8))
        assert sum((await site.ledger.evict(live.id)).values()) == 8
        await until(lambda: _holds(site, 8))
        await site.audit(tasks)


async def _holds(site: Site, slots: int) -> bool:
    return sum((await site.ledger.loads()).values()) == slots


async def test_an_outage_is_not_taken_for_the_death_of_the_others(site: Site) -> None:
    """Leases that ran out while nobody could renew them are renewed, not buried."""
    other = uuid4()
    async with site.runner(lease_seconds=2.0):
        await register(site.pool, other, "elsewhere", 1, 3.0)
        started = time.monotonic()
        async with site.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE runner")
            await anyio.sleep(4.0)
        await anyio.sleep(0.5)
        alive = await site.pool.fetchval("SELECT count(*) FROM runner WHERE id = $1", other)
        assert alive or time.monotonic() - started > 5.5
        await until(lambda: _is_buried(site, other))


async def _is_buried(site: Site, runner: object) -> bool:
    query = "SELECT count(*) FROM runner WHERE id = $1"
    return not await site.pool.fetchval(query, runner)


async def test_cut_connections_to_redis_leak_no_slot(site: Site) -> None:
    tasks = await site.accept(300)
    async with site.runner():
        await until(site.has_begun)
        for _ in range(15):
            await command(site.client, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            await anyio.sleep(0.05)
        await site.audit(tasks)


async def test_a_process_whose_algorithm_does_not_return_can_be_stopped(site: Site) -> None:
    tasks = await site.accept(20)
    async with site.process(program=WAYWARD, algorithm="stuck") as process:
        await site.ended()
        process.terminate()
        await until(lambda: _has_exited(process))
        assert process.returncode == 0
    await site.audit(tasks)


async def _has_exited(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


async def _all_read(site: Site) -> bool:
    return (await site.queue.depth()).lag == 0


async def _is_running(site: Site, count: int) -> bool:
    return (await site.status())["processing"] == count


async def _has_one_consumer(site: Site) -> bool:
    lane = f"{site.settings.namespace}:{{p0}}:lane:normal"
    return len(await site.client.xinfo_consumers(lane, "runners")) == 1


def _recovered(histories: Mapping[UUID, Iterable[ScheduleLog]]) -> int:
    entries = [entry for history in histories.values() for entry in history]
    return Counter(entry.event_type for entry in entries)[EventType.RECOVERED]
