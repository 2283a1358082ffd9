"""One workload through the live engine and through the lab: the same decisions and outcomes."""

from __future__ import annotations

import random
import time
from uuid import uuid4

import anyio
import parity_workload as workload
import pytest

from trx_core.ids import IdFactory
from trx_core.models import ScheduleLog, Task, TaskStatus
from trx_core.plugins import load_plugins
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

SEED = 186
LATE = 0.05
SPEED = 0.3


class SlowClock:
    """Wall-clock time in slow motion, so that a busy machine's pauses look short."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._since = time.monotonic()

    def now(self) -> float:
        return self._start + (time.monotonic() - self._since) * SPEED


@pytest.mark.parametrize("algorithm", ["greedy", "fifo"])
async def test_the_live_engine_and_the_lab_agree(
    algorithm: str, migrated: str, redis_url: str
) -> None:
    start = 1_764_000_000.0
    tasks = workload.workload(SEED, start)
    expected = workload.histories(workload.in_the_lab(tasks, algorithm))
    for luck in range(5):
        late = workload.in_the_lab(tasks, algorithm, late=LATE, luck=luck)
        assert workload.histories(late) == expected, "the workload has no margin"
    live = await _live(tasks, algorithm, migrated, redis_url, SlowClock(start))
    assert workload.histories(live) == expected
    seen = {entry[0] for history in expected.values() for entry in history}
    assert seen == {"enqueued", "dispatched", "completed", "retried", "dead_lettered"}


async def _live(
    tasks: list[Task], algorithm: str, database_url: str, redis_url: str, clock: SlowClock
) -> list[ScheduleLog]:
    """The schedule log of one runner's run, the queue being filled before it starts."""
    settings = Settings(
        algorithm=algorithm,
        window=workload.WINDOW,
        retry=workload.RETRY,
        breaker=workload.BREAKER,
    )
    runner, stop = uuid4(), anyio.Event()
    client = await open_redis(redis_url)
    queue = RedisQueue(client, consumer=str(runner), clock=clock, owns_client=True)
    async with open_pool(database_url, 6) as pool, queue:
        ids = IdFactory(random.Random(0))
        await save_fleet(pool, workload.FLEET)
        await insert_tasks(pool, tasks, ids, clock.now())
        await mark_published(pool, tasks, await queue.append(tasks))
        engine = Runner(
            settings, pool, queue, SlotLedger(client), load_plugins(), runner, clock=clock
        )
        async with anyio.create_task_group() as running:
            running.start_soon(engine.run, stop)
            await _until_all_ended(pool)
            stop.set()
        return await list_logs(pool, LogFilter(), None, 10_000)


async def _until_all_ended(pool: Pool) -> None:
    with anyio.fail_after(60):
        while True:
            counts = (await read_stats(pool)).tasks
            if not counts[TaskStatus.QUEUED] and not counts[TaskStatus.PROCESSING]:
                return
            await anyio.sleep(0.1)
