"""A workload whose decisions do not hang on milliseconds, and its run in the lab."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import EventType, Fleet, LogEntry, Outcome, ScheduleLog, Task, WorkerPool
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_core.protocols import WorkerSimulator
from trx_workers.lab import simulate

RETRY = RetryPolicy(max_attempts=3, base=0.4, factor=2.0, jitter=0.5)
BREAKER = BreakerPolicy(failures=3, cooldown=1.0)
WINDOW = 12
TASKS = 18

_DETERMINISTIC = {"mean": 0.2, "cv": 0.0, "per_cost": 0.4}

FLEET = Fleet.model_validate(
    {
        "pools": [
            {
                "name": "eu-cpu",
                "region": "eu",
                "resource_type": "cpu",
                "cost_per_unit": 1.0,
                "capacity": 2,
                "worker": {
                    "kind": "lognormal",
                    "params": _DETERMINISTIC | {"success_rate": 0.8, "permanent_share": 0.2},
                },
            },
            {
                "name": "us-cpu",
                "region": "us",
                "resource_type": "cpu",
                "cost_per_unit": 0.4,
                "capacity": 2,
                "worker": {
                    "kind": "lognormal",
                    "params": _DETERMINISTIC
                    | {"mean": 0.5, "success_rate": 0.7, "permanent_share": 0.1},
                },
            },
            {
                "name": "us-gpu",
                "region": "us",
                "resource_type": "gpu",
                "cost_per_unit": 3.0,
                "capacity": 3,
                "worker": {
                    "kind": "lognormal",
                    "params": _DETERMINISTIC | {"per_cost": 0.15, "success_rate": 0.9},
                },
            },
        ]
    }
)


def workload(seed: int, now: float) -> list[Task]:
    """The tasks of ``seed``, all accepted at ``now``."""
    rng = random.Random(seed)
    ids = IdFactory(rng)
    return [
        Task(
            ids.one(now),
            rng.choice(["render", "index"]),
            priority=rng.randint(1, 10),
            cost=round(rng.uniform(0.5, 3.0), 3),
            region=rng.choice([None, "eu", "us"]),
            resource_type=rng.choice([None, None, "gpu"]),
            slots=rng.choice([1, 1, 1, 2]),
            enqueued_at=now,
        )
        for _ in range(TASKS)
    ]


@dataclass(frozen=True)
class Late:
    """A simulator whose attempts end up to ``most`` seconds late."""

    inner: WorkerSimulator
    most: float
    luck: random.Random

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        outcome = self.inner.sample(task, pool, now, rng)
        return outcome._replace(latency=outcome.latency + self.luck.uniform(0, self.most))


def in_the_lab(
    tasks: Sequence[Task], algorithm: str, *, late: float = 0.0, luck: int = 0
) -> list[LogEntry]:
    """The schedule log of the lab's run."""
    registry = load_plugins()
    make = simulator_maker(registry)
    rng = random.Random(luck)
    entries: list[LogEntry] = []
    simulate(
        FLEET,
        make_algorithm(registry, algorithm),
        tasks,
        build=(lambda pool: Late(make(pool), late, rng)) if late else make,
        config=KernelConfig(window=WINDOW, retry=RETRY, breaker=BREAKER),
        on_entries=entries.extend,
    )
    return entries


def histories(entries: Iterable[LogEntry | ScheduleLog]) -> dict[UUID, list[tuple[Any, ...]]]:
    """Task → everything that was decided and came out, in order, without the times."""
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.timestamp, _RANK[entry.event_type])):
        details = entry.details
        found.setdefault(entry.task_id, []).append(
            (
                entry.event_type.value,
                *(details.get(key) for key in ("attempt", "pool", "algorithm", "slots")),
                *(details.get(key) for key in ("cost", "error", "reason")),
            )
        )
    return found


_RANK = {kind: rank for rank, kind in enumerate(EventType)}
