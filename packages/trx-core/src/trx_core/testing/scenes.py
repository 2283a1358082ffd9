"""Small rounds that are told in a line."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from trx_core.ids import IdFactory
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.routing import Breaker, Objective, PoolView, RoutingProblem

__all__ = ["crowd", "everyone", "lone_task", "some_pool", "three_pools", "wide_crowd"]

NOW: Final = 100_000.0
CROWD: Final = 40
EVERYONE: Final = 500
TYPES: Final = ("work", "batch", "encode", "train", "infer", "résumé", "a.b:c/d-e_f", "0")
TENANTS: Final = (None, *"abcdefghijklmnopqrstuvwxyz", "acme", "0", "", "ключ")
PATIENT: Final = Objective(hold=0.0, wait=0.1)


def lone_task(
    age: float,
    *,
    number: int = 1,
    slots: int = 1,
    capacity: int = 1,
    priority: int = 1,
    price: float = 1.0,
    breaker: Breaker = Breaker.CLOSED,
    resource: str = "cpu",
    latency: float = 1.0,
    success: float = 0.99,
    **fields: Any,
) -> RoutingProblem:
    """One task with one idle pool; holding it costs what placing it costs at first, then more
    every second.

    Args:
        age: of the task, seconds.
        number: of the round; the same task with each.
        slots: that the task needs.
        capacity: of the pool.
        priority: of the task.
        price: of a work unit, which is the size of the task.
        breaker: of the pool.
        resource: type of the pool's resource.
        latency: that is expected of the pool, seconds.
        success: probability of success that is expected of the pool.
        fields: others of the task.
    """
    task = Task(
        id=IdFactory(random.Random(1)).one(NOW),
        type="work",
        priority=priority,
        enqueued_at=NOW - age,
        slots=slots,
        **fields,
    )
    view = some_pool("only", capacity, price, resource)._replace(
        breaker=breaker, latency=lambda _: latency, success=lambda _: success
    )
    return RoutingProblem([task], [view], now=NOW, number=number, objective=PATIENT)


def crowd(age: float, *, number: int = 1) -> RoutingProblem:
    """Tasks of every priority, new ones and such as have failed, bound to a region or not, some of
    them overdue, with one idle pool that has room for all; holding them costs as in
    :func:`lone_task`.

    Args:
        age: of the tasks, seconds.
        number: of the round; the same tasks with each.
    """
    ids = IdFactory(random.Random(1))
    tasks = [
        Task(
            id=ids.one(NOW),
            type="work",
            priority=1 + index % 10,
            enqueued_at=NOW - age,
            attempt=index % 3,
            region=(None, "here", "elsewhere")[index // 3 % 3],
            deadline=(None, NOW - 1.0)[index % 2],
        )
        for index in range(CROWD)
    ]
    pools = [some_pool("only", CROWD, 1.0)]
    return RoutingProblem(tasks, pools, now=NOW, number=number, objective=PATIENT)


def everyone(age: float, *, number: int = 1) -> RoutingProblem:
    """Five hundred tasks of one slot, of every type, tenant, priority and number of attempts up to
    twenty, cheap and dear, short and long, with three idle pools of which each has room for all;
    holding them costs as in :func:`lone_task`.

    Args:
        age: of the tasks, seconds.
        number: of the round; the same tasks with each.
    """
    ids = IdFactory(random.Random(1))
    tasks = [
        Task(
            id=ids.one(NOW),
            type=TYPES[index % len(TYPES)],
            priority=1 + index % 10,
            cost=(1.0, 0.0, 0.3, 1e6)[index // 5 % 4],
            enqueued_at=NOW - age,
            attempt=index % 21,
            metadata={} if tenant is None else {"tenant": tenant, "user": tenant},
            expected_duration=(None, 0.25, 3600.0)[index // 7 % 3],
        )
        for index in range(EVERYONE)
        for tenant in (TENANTS[index % len(TENANTS)],)
    ]
    pools = [
        some_pool(name, EVERYONE, price) for name, price in zip("abc", (1.0, 1.5, 2.0), strict=True)
    ]
    return RoutingProblem(tasks, pools, now=NOW, number=number, objective=PATIENT)


def wide_crowd(age: float, *, sizes: Sequence[int], number: int = 1) -> RoutingProblem:
    """A task for each of these numbers of slots, with one idle pool that has room for all; holding
    them costs as in :func:`lone_task`.

    Args:
        age: of the tasks, seconds.
        sizes: slots that they need.
        number: of the round; the same tasks with each.
    """
    ids = IdFactory(random.Random(1))
    tasks = [
        Task(id=ids.one(NOW), type="work", enqueued_at=NOW - age, slots=slots) for slots in sizes
    ]
    pools = [some_pool("only", sum(sizes), 1.0)]
    return RoutingProblem(tasks, pools, now=NOW, number=number, objective=PATIENT)


def three_pools(number: int) -> RoutingProblem:
    """One task, and three pools that differ in price and in room; the same in each round."""
    task = Task(id=IdFactory(random.Random(1)).one(NOW), type="work", enqueued_at=NOW - 60.0)
    pools = [some_pool("a", 1, 1.0), some_pool("b", 2, 1.5), some_pool("c", 3, 2.0)]
    return RoutingProblem([task], pools, now=NOW, number=number)


def some_pool(name: str, capacity: int, price: float, resource: str = "cpu") -> PoolView:
    """An idle pool that takes a second for anything."""
    pool = WorkerPool.model_validate(
        {
            "name": name,
            "region": "here",
            "resource_type": resource,
            "cost_per_unit": price,
            "capacity": capacity,
            "worker": WorkerSpec(kind="none"),
        }
    )
    return PoolView(pool, capacity, Breaker.CLOSED, lambda _: 1.0, lambda _: 0.99)
