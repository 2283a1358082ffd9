"""Small rounds that are told in a line."""

from __future__ import annotations

import random
from typing import Final

from trx_core.ids import IdFactory
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.routing import Breaker, Objective, PoolView, RoutingProblem

__all__ = ["lone_task", "some_pool", "three_pools"]

NOW: Final = 100_000.0
PATIENT: Final = Objective(hold=0.0, wait=0.1)


def lone_task(
    age: float,
    *,
    number: int = 1,
    slots: int = 1,
    capacity: int = 1,
    priority: int = 1,
    price: float = 1.0,
) -> RoutingProblem:
    """One task with one idle pool; holding it costs nothing at first, then more every second.

    Args:
        age: of the task, seconds.
        number: of the round; the same task with each.
        slots: that the task needs.
        capacity: of the pool.
        priority: of the task.
        price: of a work unit, which is the size of the task.
    """
    task = Task(
        id=IdFactory(random.Random(1)).one(NOW),
        type="work",
        priority=priority,
        enqueued_at=NOW - age,
        slots=slots,
    )
    view = some_pool("only", capacity, price)
    return RoutingProblem([task], [view], now=NOW, number=number, objective=PATIENT)


def three_pools(number: int) -> RoutingProblem:
    """One task, and three pools that differ in price and in room; the same in each round."""
    task = Task(id=IdFactory(random.Random(1)).one(NOW), type="work", enqueued_at=NOW - 60.0)
    pools = [some_pool("a", 1, 1.0), some_pool("b", 2, 1.5), some_pool("c", 3, 2.0)]
    return RoutingProblem([task], pools, now=NOW, number=number)


def some_pool(name: str, capacity: int, price: float) -> PoolView:
    """An idle pool that takes a second for anything."""
    pool = WorkerPool.model_validate(
        {
            "name": name,
            "region": "here",
            "resource_type": "cpu",
            "cost_per_unit": price,
            "capacity": capacity,
            "worker": WorkerSpec(kind="none"),
        }
    )
    return PoolView(pool, capacity, Breaker.CLOSED, lambda _: 1.0, lambda _: 0.99)
