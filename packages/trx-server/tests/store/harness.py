"""What the tests of the store have in common."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import anyio

from trx_core.ids import IdFactory
from trx_core.kernel import Settlement
from trx_core.models import Attempt, ErrorKind, Outcome, Task, WorkerPool, WorkerSpec
from trx_core.policy import DeadReason, Verdict
from trx_server.store import Pool, claim, insert_tasks, register

NOW = 1_764_000_000.25

POOL = WorkerPool.model_validate(
    {
        "name": "east",
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 2.0,
        "capacity": 8,
        "worker": WorkerSpec(kind="lognormal"),
    }
)

SUCCESS = Outcome(latency=0.5, success=True, cost=2.0)
FAILURE = Outcome(0.1, False, 1.0, ErrorKind.TRANSIENT, "connection reset")
BROKEN = Outcome(0.1, False, 1.0, ErrorKind.PERMANENT, "no such model")


@dataclass(frozen=True)
class Ledger:
    """A store with one registered runner."""

    pool: Pool
    ids: IdFactory
    runner: UUID

    async def accept(self, count: int = 1, **fields: Any) -> list[Task]:
        """Insert new tasks."""
        values: dict[str, Any] = {"type": "infer", "enqueued_at": NOW} | fields
        tasks = [Task(id=one, **values) for one in self.ids.many(count, NOW)]
        await insert_tasks(self.pool, tasks, self.ids, NOW)
        return tasks

    async def claim(self, attempts: Sequence[Attempt], runner: UUID | None = None) -> set[UUID]:
        """Claim for our runner, or another."""
        return await claim(self.pool, runner or self.runner, attempts, self.ids, NOW + 1)

    async def running(self, count: int = 1, **fields: Any) -> list[Attempt]:
        """First attempts at new tasks, claimed by our runner."""
        attempts = attempts_at(await self.accept(count, **fields))
        await self.claim(attempts)
        return attempts

    async def another_runner(self, lease_seconds: float = 60) -> UUID:
        """One more registered runner."""
        runner = uuid4()
        await register(self.pool, runner, "host", 2, lease_seconds)
        return runner

    async def row(self, task: Task | UUID) -> dict[str, Any]:
        """All columns of a task."""
        task_id = task if isinstance(task, UUID) else task.id
        row = await self.pool.fetchrow("SELECT * FROM task WHERE id = $1", task_id)
        assert row is not None
        return dict(row)

    async def count(self, condition: str) -> int:
        """How many rows there are of ``task WHERE …``, or of another table."""
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {condition}"))

    async def events(self, task: Task | UUID) -> list[str]:
        """The event types of a task's log, in order."""
        task_id = task if isinstance(task, UUID) else task.id
        rows = await self.pool.fetch(
            "SELECT event_type FROM schedule_log WHERE task_id = $1 ORDER BY id", task_id
        )
        return [row[0] for row in rows]

    async def blocked(self, count: int) -> None:
        """Return when so many statements wait for a lock."""
        with anyio.fail_after(20):
            while True:
                waiting = await self.pool.fetchval(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                if waiting >= count:
                    return
                await anyio.sleep(0.01)


def attempts_at(tasks: Sequence[Task], number: int = 1) -> list[Attempt]:
    return [Attempt(task, POOL, number, "greedy", NOW + 1) for task in tasks]


def next_attempt(attempt: Attempt) -> Attempt:
    task = replace(attempt.task, attempt=attempt.number)
    return attempt._replace(task=task, number=attempt.number + 1, placed_at=NOW + 10)


def completed(attempt: Attempt) -> Settlement:
    return Settlement(attempt, SUCCESS, NOW + 2, Verdict.COMPLETED)


def retried(attempt: Attempt, outcome: Outcome = FAILURE) -> Settlement:
    return Settlement(attempt, outcome, NOW + 2, Verdict.RETRY, due=NOW + 5)


def dead(attempt: Attempt, outcome: Outcome = BROKEN) -> Settlement:
    return Settlement(attempt, outcome, NOW + 2, Verdict.DEAD, reason=DeadReason.PERMANENT)


async def gathered(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """The results of calls that run at the same time."""
    results: list[Any] = [None] * len(calls)

    async def run(place: int, call: Callable[[], Awaitable[Any]]) -> None:
        results[place] = await call()

    async with anyio.create_task_group() as group:
        for place, call in enumerate(calls):
            group.start_soon(run, place, call)
    return results


def shuffled(items: Sequence[Any], seed: int) -> list[Any]:
    return random.Random(seed).sample(items, len(items))
