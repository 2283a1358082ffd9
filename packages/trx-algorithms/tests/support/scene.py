"""Rounds in a line: tasks, pools, and where an algorithm puts the ones on the others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from trx_core.ids import IdFactory
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.protocols import Algorithm
from trx_core.routing import HOLD, Breaker, PoolView, RoutingProblem, validate

__all__ = ["HOLD", "NOW", "names_of", "placed", "pool", "problem", "task", "tasks"]

NOW: Final = 1000.0
_IDS: Final = IdFactory(random.Random(1))
_OF_THE_VIEW: Final = {"breaker": Breaker.CLOSED, "busy": (), "latency": 1.0, "success": 1.0}


def task(age: float = 0.0, **fields: Any) -> Task:
    """A task that has waited ``age`` seconds."""
    return Task(**{"id": _IDS.one(NOW), "type": "web", "enqueued_at": NOW - age, **fields})


def tasks(count: int, **fields: Any) -> list[Task]:
    """As many of them."""
    return [task(**fields) for _ in range(count)]


def pool(name: str = "p", free: int = 1, **fields: Any) -> PoolView:
    """A pool with ``free`` slots left of its capacity, which is that by default."""
    view = {key: fields.pop(key, usual) for key, usual in _OF_THE_VIEW.items()}
    catalogue = {
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 1.0,
        "capacity": max(free, 1),
        "worker": WorkerSpec(kind="none"),
        **fields,
    }
    seconds, odds = view["latency"], view["success"]
    return PoolView(
        WorkerPool(name=name, **catalogue),
        free,
        view["breaker"],
        lambda _: seconds,
        lambda _: odds,
        view["busy"],
    )


def problem(waiting: Sequence[Task], pools: Sequence[PoolView], **fields: Any) -> RoutingProblem:
    """A round; the tasks are put in order of arrival."""
    in_order = sorted(waiting, key=lambda one: one.enqueued_at)
    return RoutingProblem(in_order, pools, **{"now": NOW, **fields})


def placed(algorithm: Algorithm, question: RoutingProblem) -> list[int]:
    """[T] where its tasks go."""
    return validate(question, algorithm.route(question))


def names_of(algorithm: Algorithm, question: RoutingProblem) -> list[str]:
    """[T] the same by the names of the pools; ``-`` for a task that is held."""
    pools = [view.pool.name for view in question.pools]
    return ["-" if index == HOLD else pools[index] for index in placed(algorithm, question)]
