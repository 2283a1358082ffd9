"""Runners on real servers, and an audit of what became of the tasks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import anyio
from redis.asyncio import Redis

from trx_core.ids import IdFactory
from trx_core.models import EventType, Fleet, ScheduleLog, Task, WorkerPool
from trx_core.plugins import Registry, load_plugins
from trx_core.policy import RetryPolicy
from trx_server.queue import RedisQueue, SlotLedger, open_redis
from trx_server.runner import Runner
from trx_server.settings import Settings
from trx_server.store import (
    LogFilter,
    Pool,
    insert_tasks,
    list_logs,
    live_runners,
    mark_published,
    open_pool,
    read_stats,
    save_fleet,
)

WITHIN = 90.0
"""Seconds that anything may take on a very busy machine."""

RETRY = RetryPolicy(max_attempts=3, base=0.05, jitter=0.5)
LEASE = 1.0
TRX_RUNNER = (sys.executable, "-m", "trx_core.cli", "runner")


def fleet(*capacities: int, seconds: float = 0.02) -> Fleet:
    """One pool for each capacity; types of tasks that always, never and sometimes succeed."""
    by_type = {
        "flaky": {"success_rate": 0.0, "permanent_share": 0.0},
        "hopeless": {"success_rate": 0.0, "permanent_share": 1.0},
        "unsteady": {"success_rate": 0.7, "permanent_share": 0.0},
        "slow": {"mean": 2.0, "cv": 0.0},
        "endless": {"mean": 1e6},
    }
    params = {"mean": seconds, "cv": 0.3, "success_rate": 1.0, "by_type": by_type}
    pool = {
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 1.0,
        "worker": {"kind": "lognormal", "params": params},
    }
    pools = [{"name": f"p{n}", "capacity": size, **pool} for n, size in enumerate(capacities)]
    return Fleet.model_validate({"pools": pools})


@dataclass(frozen=True)
class Live:
    """A runner of this process."""

    id: UUID
    engine: Runner
    stop: anyio.Event
    stopped: anyio.Event


@dataclass(frozen=True)
class Site:
    """One database, one Redis, one fleet."""

    settings: Settings
    pool: Pool
    client: Redis
    queue: RedisQueue
    ledger: SlotLedger
    ids: IdFactory

    def make(self, count: int, **fields: Any) -> list[Task]:
        """New tasks, not stored."""
        now = time.time()
        values: dict[str, Any] = {"type": "plain", "enqueued_at": now} | fields
        return [Task(id=one, **values) for one in self.ids.many(count, now)]

    async def accept(self, count: int, **fields: Any) -> list[Task]:
        """Store new tasks and publish them."""
        return await self.accept_all(self.make(count, **fields))

    async def accept_all(self, tasks: list[Task]) -> list[Task]:
        """Store tasks and publish them."""
        await insert_tasks(self.pool, tasks, self.ids, time.time())
        await mark_published(self.pool, tasks, await self.queue.append(tasks))
        return tasks

    async def change_fleet(self, pools: Sequence[WorkerPool]) -> None:
        """Have other pools from now on."""
        await save_fleet(self.pool, Fleet(pools=tuple(pools)))

    @asynccontextmanager
    async def runner(
        self, *, grace: float = 10.0, registry: Registry | None = None, **changes: Any
    ) -> AsyncIterator[Live]:
        """A runner in this process; it is drained at the end of the block."""
        settings = self.settings.model_copy(update=changes)
        assert settings.redis_url is not None and settings.database_url is not None
        identity = uuid4()
        client = await open_redis(settings.redis_url)
        queue = RedisQueue(
            client, namespace=settings.namespace, consumer=str(identity), owns_client=True
        )
        async with open_pool(settings.database_url, 5) as pool, queue:
            ledger = SlotLedger(client, namespace=settings.namespace)
            engine = Runner(settings, pool, queue, ledger, registry or load_plugins(), identity)
            live = Live(identity, engine, anyio.Event(), anyio.Event())

            async def run() -> None:
                await engine.run(live.stop, grace=grace)
                live.stopped.set()

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run)
                yield live
                live.stop.set()

    @asynccontextmanager
    async def process(
        self, *, program: Sequence[str] = TRX_RUNNER, **changes: Any
    ) -> AsyncIterator[subprocess.Popen[bytes]]:
        """``trx runner`` as a process of its own, once it is registered."""
        settings = self.settings.model_copy(update=changes)
        before = await live_runners(self.pool)
        process = subprocess.Popen(program, env=environment(settings))
        try:
            await until(lambda: self._more_runners_than(before))
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            with anyio.move_on_after(20):
                while process.poll() is None:
                    await anyio.sleep(0.02)
            process.kill()
            process.wait()

    async def _more_runners_than(self, before: set[UUID]) -> bool:
        return bool(await live_runners(self.pool) - before)

    async def status(self) -> Counter[str]:
        """How many tasks there are of each status; what there is none of is left out."""
        counts = (await read_stats(self.pool)).tasks
        return Counter({status.value: count for status, count in counts.items() if count})

    async def has_ended(self) -> bool:
        return (await self.status()).keys() <= {"completed", "failed", "cancelled"}

    async def ended(self) -> None:
        """Return when no task waits or runs."""
        await until(self.has_ended)

    async def has_begun(self) -> bool:
        return bool((await self.status())["completed"])

    async def log(self) -> list[ScheduleLog]:
        return await list_logs(self.pool, LogFilter(), None, 1_000_000)

    async def is_clear(self) -> bool:
        """Whether no slot is held and no entry is left in Redis."""
        return not await self.ledger.loads() and not any(await self.queue.depth())

    async def audit(
        self, tasks: Iterable[Task | UUID], *, others: bool = False
    ) -> dict[UUID, list[ScheduleLog]]:
        """Check that each task ended exactly once, and that nothing is left; histories by id.

        Args:
            tasks: all that there are; with ``others`` there may be more.
        """
        await self.ended()
        await until(self.is_clear)
        histories = audited(await self.log())
        expected = {task.id if isinstance(task, Task) else task for task in tasks}
        assert expected - histories.keys() == set()
        assert others or histories.keys() == expected
        return {task: history for task, history in histories.items() if task in expected}


@asynccontextmanager
async def open_site(
    database_url: str, redis_url: str, workers: Fleet, **settings: Any
) -> AsyncIterator[Site]:
    """A site with keys of its own in Redis."""
    given: dict[str, Any] = {"lease_seconds": LEASE, "retry": RETRY, "log_level": "WARNING"}
    configured = Settings(
        database_url=database_url,
        redis_url=redis_url,
        namespace=f"site-{uuid4().hex}",
        **(given | settings),
    )
    async with site_of(configured) as site:
        await site.change_fleet(workers.pools)
        yield site


@asynccontextmanager
async def site_of(settings: Settings) -> AsyncIterator[Site]:
    """The site that ``settings`` are those of."""
    assert settings.redis_url is not None and settings.database_url is not None
    client = await open_redis(settings.redis_url)
    queue = RedisQueue(client, namespace=settings.namespace, owns_client=True)
    async with open_pool(settings.database_url, 3) as pool, queue:
        ledger = SlotLedger(client, namespace=settings.namespace)
        yield Site(settings, pool, client, queue, ledger, IdFactory(random.SystemRandom()))


def environment(settings: Settings) -> dict[str, str]:
    """Our own environment, and the settings that are not at their default."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TRX_")}
    for name, value in settings.model_dump(mode="json", exclude_unset=True).items():
        if isinstance(value, dict):
            parts = {f"TRX_{name}__{key}".upper(): str(part) for key, part in value.items()}
            ours |= parts
        elif isinstance(value, list):
            ours[f"TRX_{name}".upper()] = ",".join(value)
        elif value is not None:
            ours[f"TRX_{name}".upper()] = str(value)
    return ours


async def until(condition: Callable[[], Coroutine[Any, Any, bool]], within: float = WITHIN) -> None:
    """Return once ``condition`` holds."""
    with anyio.fail_after(within):
        while not await condition():
            await anyio.sleep(0.03)


ENDS_AN_ATTEMPT = {
    EventType.COMPLETED,
    EventType.RETRIED,
    EventType.DEAD_LETTERED,
    EventType.RECOVERED,
}
ENDS_A_TASK = {EventType.COMPLETED, EventType.DEAD_LETTERED, EventType.CANCELLED}


def audited(log: Sequence[ScheduleLog]) -> dict[UUID, list[ScheduleLog]]:
    """Each task's rows, after a check that they tell one life from its beginning to its end."""
    histories: dict[UUID, list[ScheduleLog]] = defaultdict(list)
    for entry in log:
        histories[entry.task_id].append(entry)
    for history in histories.values():
        kinds = Counter(entry.event_type for entry in history)
        assert kinds[EventType.ENQUEUED] == 1, history
        assert sum(kinds[kind] for kind in ENDS_A_TASK) == 1, history
        begun = [e.details["attempt"] for e in history if e.event_type is EventType.DISPATCHED]
        assert sorted(begun) == list(range(1, len(begun) + 1)), history
        closed = [e.details["attempt"] for e in history if e.event_type in ENDS_AN_ATTEMPT]
        assert sorted(closed) == sorted(begun) or (begun, closed) == ([], [0]), history
    return dict(histories)


def kinds(history: Iterable[ScheduleLog]) -> list[str]:
    """The event types of a task's life, in order."""
    order = list(EventType)
    rows = sorted(history, key=lambda e: (e.details.get("attempt", 0), order.index(e.event_type)))
    return [entry.event_type.value for entry in rows]


def fullest(log: Iterable[ScheduleLog], time_scale: float = 1.0) -> dict[str, int]:
    """The most slots that were ever occupied at once, by pool.

    An attempt that ended at ``t`` and took ``s`` seconds occupied its slots from ``t - s`` to
    ``t`` for sure.
    """
    turns: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for entry in log:
        details = entry.details
        if entry.event_type in ENDS_AN_ATTEMPT and "latency" in details:
            began = entry.timestamp - details["latency"] / time_scale
            slots = details["slots"]
            turns[details["pool"]] += [(began, slots), (entry.timestamp, -slots)]
    most: dict[str, int] = {}
    for pool, changes in turns.items():
        load = most[pool] = 0
        for _, change in sorted(changes):
            load += change
            most[pool] = max(most[pool], load)
    return most
