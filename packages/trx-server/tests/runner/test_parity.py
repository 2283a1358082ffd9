"""One workload through the live engine and through the lab: the same decisions and outcomes."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from uuid import uuid4

import anyio
import parity_workload as workload
import pytest

from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import EventType, Fleet, LogEntry, ScheduleLog, Task, TaskStatus
from trx_core.plugins import load_plugins
from trx_core.policy import BreakerPolicy
from trx_server.queue import RedisQueue, SlotLedger, open_redis
from trx_server.runner import Runner
from trx_server.settings import Settings
from trx_server.store import (
    LogFilter,
    Pool,
    insert_tasks,
    list_logs,
    mark_published,
    open_pool,
    read_stats,
    save_fleet,
)

SEED = 4934
START = 1_764_000_000.0
LATE = 0.03
SPEED = 0.25
TASKS = workload.workload(SEED, START)

CONFIG = workload.CONFIG
RETRY = CONFIG.retry
OTHERS = {
    "window": CONFIG.model_copy(update={"window": 100}),
    "attempts": CONFIG.model_copy(update={"retry": RETRY.model_copy(update={"max_attempts": 2})}),
    "backoff": CONFIG.model_copy(update={"retry": RETRY.model_copy(update={"base": 0.5})}),
    "jitter": CONFIG.model_copy(update={"retry": RETRY.model_copy(update={"jitter": 0.0})}),
    "breaker": CONFIG.model_copy(update={"breaker": BreakerPolicy()}),
    "cooldown": CONFIG.model_copy(
        update={"breaker": CONFIG.breaker.model_copy(update={"cooldown": 2.0})}
    ),
}


class SlowClock:
    """Wall-clock time in slow motion, so that a busy machine's pauses look short."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._since = time.monotonic()

    def now(self) -> float:
        return self._start + (time.monotonic() - self._since) * SPEED

    async def sleep_until(self, at: float) -> None:
        await anyio.sleep(max(0.0, at - self.now()) / SPEED)


both_algorithms = pytest.mark.parametrize("algorithm", ["greedy", "fifo"])


@both_algorithms
async def test_the_live_engine_and_the_lab_agree(
    algorithm: str, migrated: str, redis_url: str
) -> None:
    live = await _live(algorithm, migrated, redis_url)
    expected = workload.in_the_lab(TASKS, algorithm)
    assert workload.histories(live) == workload.histories(expected)


async def test_capacity_and_price_change_at_the_same_times_in_both(
    migrated: str, redis_url: str
) -> None:
    fleet = workload.CHANGING_FLEET
    ids = IdFactory(random.Random(SEED)).many(12, START)
    tasks = [Task(one, "render", enqueued_at=START) for one in ids]
    live = await _live("fifo", migrated, redis_url, fleet, tasks)
    lab = workload.in_the_lab(tasks, "fifo", fleet=fleet)
    assert workload.histories(live) == workload.histories(lab)
    begun = _begun(lab)
    assert _begun(live) == pytest.approx(begun, abs=0.1)
    assert begun[:6] == pytest.approx([0.0, 0.8, 1.5, 1.6, 2.3, 2.4])
    prices = {entry.details["cost"] for entry in lab if entry.event_type is EventType.COMPLETED}
    assert len(prices) > 3


@both_algorithms
async def test_tasks_that_are_bound_to_their_region_wait_for_it_in_both(
    algorithm: str, migrated: str, redis_url: str
) -> None:
    ids = IdFactory(random.Random(SEED)).many(5, START)
    tasks = [
        Task(one, "render", region="eu", region_required=place != 2, enqueued_at=START)
        for place, one in enumerate(ids)
    ]
    fleet = workload.TWO_REGIONS
    live = await _live(algorithm, migrated, redis_url, fleet, tasks)
    lab = workload.in_the_lab(tasks, algorithm, fleet=fleet)
    assert workload.histories(live) == workload.histories(lab)
    assert _begun(lab) == pytest.approx([0.0, 0.0, 0.8, 1.6, 2.4])
    went = {e.task_id: e.details["pool"] for e in live if e.event_type is EventType.DISPATCHED}
    assert [went[one] for one in ids] == ["eu", "eu", "us", "eu", "eu"]


def _begun(log: Sequence[LogEntry | ScheduleLog]) -> list[float]:
    """When attempts were placed, seconds after the start."""
    began = [entry for entry in log if entry.event_type is EventType.DISPATCHED]
    return sorted(entry.timestamp - START for entry in began)


@both_algorithms
def test_the_workload_has_a_margin(algorithm: str) -> None:
    """No decision hangs on milliseconds: the comparison is no matter of luck."""
    calm = workload.histories(workload.in_the_lab(TASKS, algorithm), timed=False)
    for luck in range(10):
        hurried = workload.in_a_hurried_lab(TASKS, algorithm, LATE, luck)
        assert workload.histories(hurried, timed=False) == calm


@both_algorithms
@pytest.mark.parametrize("other", OTHERS)
def test_the_workload_tells_every_parameter_apart(algorithm: str, other: str) -> None:
    """An engine with another window, retry policy or breaker could not agree by chance."""
    assert _histories(algorithm, OTHERS[other]) != _histories(algorithm, CONFIG)


def test_the_workload_tells_algorithms_and_seeds_apart() -> None:
    greedy = _histories("greedy", CONFIG)
    assert greedy != _histories("fifo", CONFIG)
    assert greedy != workload.histories(workload.in_the_lab(TASKS, "greedy", seed=1))


def _histories(algorithm: str, config: KernelConfig) -> object:
    return workload.histories(workload.in_the_lab(TASKS, algorithm, config))


async def _live(
    algorithm: str,
    database_url: str,
    redis_url: str,
    fleet: Fleet = workload.FLEET,
    tasks: Sequence[Task] = TASKS,
) -> list[ScheduleLog]:
    """The schedule log of one runner's run; the first wave is there before it starts."""
    settings = Settings(
        algorithm=algorithm,
        window=CONFIG.window,
        min_interval=CONFIG.min_interval,
        retry=RETRY,
        breaker=CONFIG.breaker,
        objective=CONFIG.objective,
    )
    runner, stop = uuid4(), anyio.Event()
    client = await open_redis(redis_url)
    async with open_pool(database_url, 6) as pool:
        clock = SlowClock(START)
        queue = RedisQueue(client, consumer=str(runner), clock=clock, owns_client=True)
        async with queue:
            await save_fleet(pool, fleet)
            first, *later = _waves(tasks)
            await _accept(pool, queue, first)
            engine = Runner(
                settings, pool, queue, SlotLedger(client), load_plugins(), runner, clock=clock
            )
            async with anyio.create_task_group() as running:
                running.start_soon(engine.run, stop)
                for wave in later:
                    await clock.sleep_until(wave[0].enqueued_at)
                    await _accept(pool, queue, wave)
                await _until_all_ended(pool)
                stop.set()
        return await list_logs(pool, LogFilter(), None, 10_000)


def _waves(tasks: Sequence[Task]) -> list[list[Task]]:
    instants = sorted({task.enqueued_at for task in tasks})
    return [[task for task in tasks if task.enqueued_at == instant] for instant in instants]


async def _accept(pool: Pool, queue: RedisQueue, tasks: Sequence[Task]) -> None:
    await insert_tasks(pool, tasks, IdFactory(random.SystemRandom()), tasks[0].enqueued_at)
    await mark_published(pool, tasks, await queue.append(tasks))


async def _until_all_ended(pool: Pool) -> None:
    with anyio.fail_after(120):
        while True:
            counts = (await read_stats(pool)).tasks
            if not counts[TaskStatus.QUEUED] and not counts[TaskStatus.PROCESSING]:
                return
            await anyio.sleep(0.1)
