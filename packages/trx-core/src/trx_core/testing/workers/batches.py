"""Checks of outcomes that a worker simulator draws many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import Samples, Timeless
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.samples import sample_pools, sample_tasks
from trx_core.testing.workers.subject import NOW, WorkerSubject

__all__ = ["samples_many_alike"]

SIZES: Final = (1, 2, 3, 7, 64, 400, 1_500)
FIRST: Final = 1
LATER: Final = 1e6


def samples_many_alike(subject: WorkerSubject) -> None:
    """One that has ``sample_many`` draws for each of many first attempts, however many, the
    latency, cost and error that ``sample`` draws with the same luck, to the bit; and ``sample``
    draws the same at any time and on a pool of another name and capacity. Where that does not hold
    it answers ``None``.
    """
    simulator: Any = subject.make()
    if not isinstance(simulator, Timeless):
        raise NotApplicable("it draws one outcome at a time")
    answered = False
    for size in SIZES:
        tasks = [replace(task, attempt=0) for task in sample_tasks(size)]
        keys = [task.id.int for task in tasks]
        for pool in sample_pools():
            luck = KeyedRandom(1).first_numbers(keys, [FIRST], [Purpose.SERVICE])
            draw = simulator.sample_many(tasks, pool)
            if draw is not None:
                answered = True
                _compare(simulator, tasks, pool, draw(luck))
    if not answered:
        raise NotApplicable("with these parameters it draws one outcome at a time")


def _compare(simulator: Any, tasks: Sequence[Task], pool: WorkerPool, many: Samples) -> None:
    latency, cost = (np.asarray(column, dtype=np.float64).tolist() for column in many[:2])
    if not len(latency) == len(cost) == len(tasks) or not set(many.errors) <= set(range(len(cost))):
        raise CheckFailure(
            f"of {len(tasks)} attempts it drew {len(latency)} latencies, {len(cost)} costs and the "
            f"errors of {sorted(many.errors)[:10]}"
        )
    other = pool.model_copy(update={"name": "another", "capacity": pool.capacity + 7})
    rng = KeyedRandom(1)
    for row, task in enumerate(tasks):
        key = task.id.int, FIRST, Purpose.SERVICE
        found = (latency[row], cost[row], many.errors.get(row))
        for where, now in ((pool, NOW), (other, NOW + LATER)):
            one = _plain(simulator.sample(task, where, now, rng.at(*key)))
            if found != one:
                raise CheckFailure(
                    f"of {len(tasks)} attempts on pool {pool.name!r} it drew {found} for one, and "
                    f"{one} for the same alone, at {now:.0f} on pool {where.name!r}"
                )


def _plain(outcome: Outcome) -> tuple[float, float, object]:
    return float(outcome.latency), float(outcome.cost), outcome.error
