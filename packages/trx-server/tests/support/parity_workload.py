"""A workload whose decisions do not hang on milliseconds, and its run in the lab."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
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

CONFIG = KernelConfig(
    window=6,
    retry=RetryPolicy(max_attempts=3, base=0.4, factor=2.0, jitter=0.5),
    breaker=BreakerPolicy(failures=2, cooldown=0.8),
)
WAVES = ((0.0, 10), (0.9, 3), (1.9, 3))
"""Seconds after the start, and how many tasks are accepted then."""

_DETERMINISTIC = {"mean": 0.2, "cv": 0.0, "per_cost": 0.4, "permanent_share": 0.08}

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
                    "params": _DETERMINISTIC | {"success_rate": 0.55},
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
                    "params": _DETERMINISTIC | {"mean": 0.5, "success_rate": 0.5},
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
                    "params": _DETERMINISTIC | {"per_cost": 0.15, "success_rate": 0.65},
                },
            },
        ]
    }
)

CHANGING_FLEET = Fleet.model_validate(
    {
        "pools": [
            {
                "name": "spot",
                "region": "eu",
                "resource_type": "cpu",
                "cost_per_unit": 1.0,
                "capacity": 4,
                "worker": {
                    "kind": "deterministic",
                    "params": {
                        "mean": 0.8,
                        "success_rate": 1.0,
                        "elastic": {"min": 1, "look": 1.0, "up_delay": 0.5},
                        "prices": {"market": {"every": 1.0, "cv": 0.5}},
                    },
                },
            }
        ]
    }
)
"""A pool that grows from one slot to four, whose price is another every second."""

TWO_REGIONS = Fleet.model_validate(
    {
        "pools": [
            {
                "name": name,
                "region": name,
                "resource_type": "cpu",
                "cost_per_unit": price,
                "capacity": slots,
                "worker": {"kind": "deterministic", "params": {"mean": mean, "success_rate": 1.0}},
            }
            for name, price, slots, mean in (("eu", 9.0, 1, 0.8), ("us", 1.0, 3, 2.9))
        ]
    }
)
"""A dear pool of one slot in one region, and a cheap one of three in another."""


def workload(seed: int, now: float) -> list[Task]:
    """The tasks of ``seed``, in waves from ``now`` on."""
    rng = random.Random(seed)
    ids = IdFactory(rng)
    return [
        Task(
            ids.one(now + offset),
            rng.choice(["render", "index"]),
            priority=rng.randint(1, 10),
            cost=round(rng.uniform(0.5, 3.0), 3),
            region=rng.choice([None, "eu", "us"]),
            resource_type=rng.choice([None, None, "gpu"]),
            slots=rng.choice([1, 1, 1, 2]),
            enqueued_at=now + offset,
        )
        for offset, count in WAVES
        for _ in range(count)
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
    tasks: Sequence[Task],
    algorithm: str,
    config: KernelConfig = CONFIG,
    *,
    seed: int = 0,
    fleet: Fleet = FLEET,
) -> list[LogEntry]:
    """The schedule log of the lab's run."""
    return _simulated(tasks, algorithm, config, seed, simulator_maker(load_plugins()), fleet)


def in_a_hurried_lab(
    tasks: Sequence[Task], algorithm: str, most: float, luck: int
) -> list[LogEntry]:
    """The same, all that happens by itself being up to ``most`` seconds late."""
    rng = random.Random(luck)
    make = simulator_maker(load_plugins())
    late = {wave: rng.uniform(0, most) for wave in {task.enqueued_at for task in tasks}}
    delayed = [replace(t, enqueued_at=t.enqueued_at + late[t.enqueued_at]) for t in tasks]
    return _simulated(delayed, algorithm, CONFIG, 0, lambda pool: Late(make(pool), most, rng))


def _simulated(
    tasks: Sequence[Task],
    algorithm: str,
    config: KernelConfig,
    seed: int,
    build: Callable[[WorkerPool], WorkerSimulator],
    fleet: Fleet = FLEET,
) -> list[LogEntry]:
    entries: list[LogEntry] = []
    chosen = make_algorithm(load_plugins(), algorithm)
    simulate(fleet, chosen, tasks, build=build, config=config, seed=seed, on_entries=entries.extend)
    return entries


def histories(
    entries: Iterable[LogEntry | ScheduleLog], *, timed: bool = True
) -> dict[UUID, list[tuple[Any, ...]]]:
    """Task → everything that was decided and came out, in order.

    Args:
        entries: of a schedule log.
        timed: whether service times and the delays before further attempts count, to the tenth of
            a millisecond.
    """
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.timestamp, _RANK[entry.event_type])):
        details = entry.details
        times = (details.get("latency"), _since(details.get("due"), entry.timestamp))
        found.setdefault(entry.task_id, []).append(
            (
                entry.event_type.value,
                *(details.get(key) for key in ("attempt", "pool", "algorithm", "slots")),
                *(details.get(key) for key in ("cost", "error", "reason")),
                *(None if not timed or time is None else round(time, 4) for time in times),
            )
        )
    return found


def _since(due: float | None, at: float) -> float | None:
    return None if due is None else due - at


_RANK = {kind: rank for rank, kind in enumerate(EventType)}
