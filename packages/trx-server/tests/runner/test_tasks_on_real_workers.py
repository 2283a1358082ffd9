"""Tasks carried out by real HTTP endpoints and Python functions, from acceptance to the end."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from types import ModuleType
from typing import Any
from uuid import UUID

import anyio
import pytest
from endpoint import Endpoint, Received, Reply, serving
from live_site import Site, kinds, open_site, until

from trx_core import PermanentError
from trx_core.models import EventType, Fleet, ScheduleLog, Task, WorkerPool
from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_server.store import rescue

PATIENT = BreakerPolicy(failures=1000)
EAGER = RetryPolicy(max_attempts=4, base=0.02, cap=20.0, jitter=0)


def fleet_of(*workers: dict[str, Any], capacity: int = 4) -> Fleet:
    """A pool for each kind of worker."""
    pools = [
        {
            "name": f"{worker['kind']}-{number}",
            "region": "eu",
            "resource_type": "cpu",
            "cost_per_unit": 2.0,
            "capacity": capacity,
            "worker": worker,
        }
        for number, worker in enumerate(workers)
    ]
    return Fleet.model_validate({"pools": pools})


def http(endpoint: Endpoint, **params: Any) -> dict[str, Any]:
    return {"kind": "http", "params": {"url": endpoint.url, "allow_private": True, **params}}


def ends(history: Iterable[ScheduleLog]) -> dict[str, Any]:
    """The details of the row that ended a task."""
    last = {EventType.COMPLETED, EventType.DEAD_LETTERED}
    [entry] = [entry for entry in history if entry.event_type in last]
    return dict(entry.details)


async def ok(request: Received) -> Reply:
    return Reply()


async def moody(request: Received) -> Reply:
    """Answers by the type of the task."""
    match request.body["type"]:
        case "unsteady" if request.body["attempt"] < 3:
            return Reply(503, body=b"warming up")
        case "bad":
            return Reply(400, body=b"no such picture")
        case "stuck":
            await asyncio.sleep(3600)
        case "huge":
            return Reply(body=b" " * 5000)
        case "elsewhere":
            return Reply(307, {"location": "http://127.0.0.9:1/"})
        case "priced":
            return Reply(body={"cost": 0.125})
    return Reply()


async def test_every_kind_of_answer_ends_a_task_as_it_should(migrated: str, redis_url: str) -> None:
    with serving(moody) as endpoint:
        workers = fleet_of(http(endpoint, timeout=0.4, max_response_bytes=1024))
        async with open_site(
            migrated, redis_url, workers, retry=EAGER, breaker=PATIENT, lease_seconds=3.0
        ) as site:
            types = ("plain", "priced", "unsteady", "bad", "huge", "elsewhere", "stuck")
            tasks = {name: (await site.accept(3, type=name, cost=3.0)) for name in types}
            async with site.runner():
                histories = await site.audit(task for group in tasks.values() for task in group)
        by_type = {name: [histories[task.id] for task in group] for name, group in tasks.items()}
    lives = {
        "plain": ["enqueued", "dispatched", "completed"],
        "priced": ["enqueued", "dispatched", "completed"],
        "unsteady": ["enqueued", *["dispatched", "retried"] * 2, "dispatched", "completed"],
        "bad": ["enqueued", "dispatched", "dead_lettered"],
        "huge": ["enqueued", "dispatched", "dead_lettered"],
        "elsewhere": ["enqueued", "dispatched", "dead_lettered"],
        "stuck": ["enqueued", *["dispatched", "retried"] * 3, "dispatched", "dead_lettered"],
    }
    for name, life in lives.items():
        assert [kinds(history) for history in by_type[name]] == [life] * 3, name
    assert {ends(history)["cost"] for history in by_type["plain"]} == {6.0}
    assert {ends(history)["cost"] for history in by_type["priced"]} == {0.125}
    assert {ends(history)["error"] for history in by_type["stuck"]} == {"timeout"}
    assert {ends(h)["detail"] for h in by_type["bad"]} == {"status 400: no such picture"}
    assert {ends(h)["detail"] for h in by_type["huge"]} == {
        "status 200, and an answer of more than 1024 bytes"
    }
    assert all("127.0.0.9" in ends(h)["detail"] for h in by_type["elsewhere"])
    sent = Counter((one.body["id"], one.headers["trx-attempt"]) for one in endpoint.received)
    assert set(sent.values()) == {1}, "no attempt is sent twice"


async def test_an_endpoint_that_asks_for_a_pause_gets_it(migrated: str, redis_url: str) -> None:
    async def busy(request: Received) -> Reply:
        first = request.body["attempt"] == 1
        return Reply(429, {"retry-after": "2"}) if first else Reply()

    with serving(busy) as endpoint:
        workers = fleet_of(http(endpoint))
        async with open_site(migrated, redis_url, workers, retry=EAGER, breaker=PATIENT) as site:
            [task] = await site.accept(1)
            async with site.runner():
                histories = await site.audit([task])
    [retried] = [e for e in histories[task.id] if e.event_type is EventType.RETRIED]
    assert retried.details["due"] - retried.timestamp == pytest.approx(2.0, abs=0.01)


async def test_an_endpoint_that_dies_and_comes_back_loses_nothing(
    migrated: str, redis_url: str
) -> None:
    async def brief(request: Received) -> Reply:
        await asyncio.sleep(0.02)
        return Reply()

    breaker = BreakerPolicy(failures=4, cooldown=0.3)
    retry = RetryPolicy(max_attempts=50, base=0.05, cap=0.3)
    with serving(brief) as endpoint:
        port = endpoint.port
        workers = fleet_of(http(endpoint), capacity=8)
        async with open_site(migrated, redis_url, workers, retry=retry, breaker=breaker) as site:
            tasks = await site.accept(150)
            async with site.runner():
                await until(lambda: _received(endpoint, 40))
                await anyio.to_thread.run_sync(endpoint.kill)
                await until(lambda: _has_failed(site))
                with serving(brief, port=port) as again:
                    histories = await site.audit(tasks)
                    assert again.received
            assert await site.status() == {"completed": 150}
    done = Counter(endpoint.tasks + again.tasks)
    assert set(done) == {str(task.id) for task in tasks}
    assert any("retried" in kinds(history) for history in histories.values())


async def _received(endpoint: Endpoint, count: int) -> bool:
    return len(endpoint.received) >= count


async def _has_failed(site: Site) -> bool:
    return any(entry.event_type is EventType.RETRIED for entry in await site.log())


async def test_what_others_took_over_is_cancelled_and_its_end_counts_for_nothing(
    migrated: str, redis_url: str
) -> None:
    gate = threading.Event()

    async def first_hangs(request: Received) -> Reply:
        while request.body["attempt"] == 1 and not gate.is_set():
            await asyncio.sleep(0.01)
        return Reply(body={"cost": float(request.body["attempt"])})

    with serving(first_hangs) as endpoint:
        workers = fleet_of(http(endpoint))
        async with (
            open_site(migrated, redis_url, workers, retry=EAGER, lease_seconds=1.0) as site,
            site.runner(),
        ):
            tasks = await site.accept(3)
            await until(lambda: _received(endpoint, 3))
            await until(lambda: _is_taken_over(site, 3))
            histories = await site.audit(tasks)
            gate.set()
    assert {ends(history)["cost"] for history in histories.values()} == {2.0}
    assert {tuple(kinds(history)) for history in histories.values()} == {
        ("enqueued", "dispatched", "recovered", "dispatched", "completed")
    }


async def _is_taken_over(site: Site, tasks: int) -> bool:
    """Unless the runner has just renewed its lease."""
    await site.pool.execute("UPDATE runner SET lease_until = now()")
    found = await rescue(site.pool, EAGER.max_attempts, site.ids, time.time())
    return found.requeued == tasks


async def test_what_does_not_end_within_the_grace_is_cancelled_and_run_by_another(
    migrated: str, redis_url: str
) -> None:
    async def first_hangs(request: Received) -> Reply:
        while request.body["attempt"] == 1:
            await asyncio.sleep(0.01)
        return Reply()

    with serving(first_hangs) as endpoint:
        workers = fleet_of(http(endpoint, timeout=3600))
        async with open_site(migrated, redis_url, workers, lease_seconds=3600.0) as site:
            tasks = await site.accept(3)
            async with site.runner(grace=0.0) as first:
                await until(lambda: _received(endpoint, 3))
                first.stop.set()
                with anyio.fail_after(30):
                    await first.stopped.wait()
            async with site.runner(lease_seconds=1.0):
                histories = await site.audit(tasks)
    assert Counter(e.event_type for h in histories.values() for e in h)[EventType.RECOVERED] == 3


CALLED: Counter[UUID] = Counter()


async def job(task: Task, pool: WorkerPool) -> float:
    CALLED[task.id] += 1
    if task.type == "hopeless":
        raise PermanentError("no such picture")
    if task.type == "unsteady" and task.attempt == 1:
        raise ConnectionError("gone")
    await asyncio.sleep(0.01)
    return 0.5


async def test_python_functions_carry_out_tasks(
    migrated: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = ModuleType("acme_live_jobs")
    module.__dict__["job"] = job
    monkeypatch.setitem(sys.modules, "acme_live_jobs", module)
    workers = fleet_of(
        {"kind": "python", "params": {"call": "acme_live_jobs:job"}},
        {"kind": "python", "params": {"call": "acme_live_jobs:missing"}},
    )
    async with open_site(migrated, redis_url, workers, retry=EAGER, breaker=PATIENT) as site:
        plain = await site.accept(40)
        others = await site.accept(2, type="hopeless") + await site.accept(2, type="unsteady")
        async with site.runner():
            histories = await site.audit(plain + others)
    assert {ends(histories[task.id])["cost"] for task in plain} == {0.5}
    assert {kinds(histories[task.id])[-1] for task in others[:2]} == {"dead_lettered"}
    assert {CALLED[task.id] for task in others[2:]} == {2}
    assert "pool python-1 is left out" in caplog.text
    assert "'acme_live_jobs' has no 'missing'" in caplog.text
