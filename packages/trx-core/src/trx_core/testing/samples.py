"""Tasks, pools and log entries to try plugins on: the same every time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from trx_core.engine import log
from trx_core.ids import IdFactory
from trx_core.kernel import Settlement
from trx_core.models import Attempt, ErrorKind, LogEntry, Outcome, Task, WorkerPool, WorkerSpec
from trx_core.policy import DeadReason, Verdict

__all__ = ["sample_log", "sample_pools", "sample_tasks"]

EPOCH: Final = 1_700_000_000.0
TYPES: Final = ("encode", "train", "infer", "résumé", "a.b:c/d-e_f")
METADATA: Final[Sequence[dict[str, Any]]] = (
    {},
    {"tenant": "acme", "tags": ["a", "b"]},
    {"ключ": {"nested": [1, 2.5, None, True, {"deep": "ü\n\t\"'"}]}},
    {"big": 2**53 + 1, "tiny": 5e-324, "text": "x" * 1000},
)


def sample_tasks(
    count: int, priorities: Sequence[int] = tuple(range(1, 11)), *, seed: int = 1
) -> list[Task]:
    """``count`` tasks in order of arrival, whose priorities go round; fields of every kind."""
    rng = random.Random(seed)
    ids = IdFactory(rng)
    return [
        Task(
            id=ids.one(EPOCH + index),
            type=TYPES[index % len(TYPES)],
            priority=priorities[index % len(priorities)],
            cost=(0.0, 1.0, 0.1 + 0.2, 1e9)[index % 4],
            region=(None, "eu", "us")[index % 3],
            enqueued_at=EPOCH + index + 0.123456,
            metadata=METADATA[index % len(METADATA)],
            attempt=index % 3,
            slots=1 + index % 4,
            resource_type=(None, "gpu")[index % 2],
            deadline=(None, EPOCH + 1e6)[index % 2],
            expected_duration=(None, 0.25)[index % 2],
            region_required=index % 3 > 0 and index % 2 > 0,
        )
        for index in range(count)
    ]


def sample_pools() -> list[WorkerPool]:
    """Pools of several prices and sizes, one of them drained."""
    return [
        WorkerPool.model_validate(
            {
                "name": name,
                "region": "eu",
                "resource_type": resource,
                "cost_per_unit": price,
                "capacity": capacity,
                "expected_latency": latency,
                "worker": WorkerSpec(kind="none", params={"mean": 1.0, "by_type": {}}),
            }
        )
        for name, resource, price, capacity, latency in (
            ("cheap", "cpu", 0.0, 100, 5.0),
            ("dear", "gpu", 12.5, 4, 0.01),
            ("drained", "cpu", 1.0, 0, 1.0),
        )
    ]


def sample_log() -> list[LogEntry]:
    """A log of a hundred tasks that end in every way, in order of time."""
    rng = random.Random(1)
    pools, entries = sample_pools(), []
    runner = UUID(int=7)
    for index, task in enumerate(sample_tasks(100)):
        at = task.enqueued_at
        entries.append(log.enqueued(task))
        for number in range(1, 1 + index % 4):
            at += 0.1 + rng.random()
            attempt = Attempt(task, rng.choice(pools), number, ("fifo", "greedy")[index % 2], at)
            entries.append(log.dispatched(attempt))
            at += rng.random() * 10
            if number < index % 4:
                retried = (ErrorKind.TRANSIENT, ErrorKind.TIMEOUT)[number % 2]
                entries.append(_ended(attempt, at, Verdict.RETRY, retried))
            elif index % 10 == 3:
                entries.append(_ended(attempt, at, Verdict.DEAD, ErrorKind.PERMANENT))
            elif index % 10 == 5:
                entries.append(log.recovered(task.id, number, runner, at))
            else:
                entries.append(_ended(attempt, at, Verdict.COMPLETED, None))
        if index % 8 == 0:
            entries.append(log.cancelled(task.id, at + 1.0))
    return sorted(entries, key=lambda entry: entry.timestamp)


def _ended(attempt: Attempt, at: float, verdict: Verdict, error: ErrorKind | None) -> LogEntry:
    outcome = Outcome(
        latency=at - attempt.placed_at,
        success=error is None,
        cost=attempt.task.cost * attempt.pool.cost_per_unit,
        error=error,
        detail=None if error is None else "it did not work",
    )
    due = at + 1.0 if verdict is Verdict.RETRY else None
    reason = DeadReason.PERMANENT if verdict is Verdict.DEAD else None
    return log.settled(Settlement(attempt, outcome, at, verdict, due, reason))
