"""Decision rounds to try algorithms on: crowded, idle, lopsided, and the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeVar

from trx_core.ids import IdFactory
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.randomness import KeyedRandom
from trx_core.routing import Breaker, PoolView, RoutingProblem

__all__ = [
    "BARREN_ROUNDS",
    "EMPTY_ROUNDS",
    "LARGE",
    "LARGE_ROUNDS",
    "ROUNDS",
    "SMALL",
    "RoundShape",
    "make_round",
    "rounds",
]

NOW: Final = 1_000.0
REGIONS: Final = ("eu", "us", "asia")
RESOURCES: Final = ("cpu", "gpu")
TYPES: Final = ("encode", "train", "infer")
BREAKERS: Final = (Breaker.CLOSED, Breaker.CLOSED, Breaker.HALF_OPEN, Breaker.OPEN)
DISTANCE: Final = {"eu": {"us": 1.0, "asia": 2.0}, "us": {"asia": 1.5}}
T = TypeVar("T")


class RoundShape(NamedTuple):
    """What a round looks like.

    Attributes:
        name: for messages.
        tasks: how many.
        pools: how many.
        capacity: slots that a pool has at most.
        busy: share of its slots that is occupied, 0 to 1.
        plain: tasks of one slot that may run anywhere, breakers closed.
        breaker: the state of every breaker; by default each its own.
        resource: what every task can run on alone; by default each its own.
        types: of tasks.
        bound: whether a task that names a region may run only there.
    """

    name: str
    tasks: int
    pools: int
    capacity: int = 8
    busy: float = 0.3
    plain: bool = False
    breaker: Breaker | None = None
    resource: str | None = None
    types: Sequence[str] = TYPES
    bound: bool = False


ROUNDS: Final = (
    RoundShape("one task, one pool", 1, 1, busy=0.0, plain=True),
    RoundShape("room for all", 24, 6, capacity=64, busy=0.0, plain=True),
    RoundShape("more tasks than slots", 60, 4),
    RoundShape("pools of one slot", 30, 8, capacity=1, busy=0.0),
    RoundShape("more pools than tasks", 3, 20),
    RoundShape("a full window", 300, 12, capacity=40),
    RoundShape("tasks bound to their regions", 40, 8, bound=True),
)

EMPTY_ROUNDS: Final = (
    RoundShape("no task", 0, 3),
    RoundShape("no pool", 5, 0),
    RoundShape("neither task nor pool", 0, 0),
)

SMALL: Final = RoundShape("a round of a long run", 6, 3)
LARGE: Final = RoundShape("1,000 tasks on 50 pools", 1_000, 50, capacity=40)
LARGE_ROUNDS: Final = (
    LARGE,
    RoundShape("a large fleet", 600, 300, capacity=4, busy=0.0, plain=True),
)
"""Rounds of the size that a busy service sees."""

BARREN_ROUNDS: Final = (
    RoundShape("no free slot", 12, 4, busy=1.0),
    RoundShape("no pool of the resource that the tasks need", 12, 4, busy=0.0, resource="tpu"),
    RoundShape("every breaker open", 12, 4, busy=0.0, breaker=Breaker.OPEN),
)
"""Rounds in which nothing can be placed."""


def rounds(shapes: Sequence[RoundShape] = ROUNDS) -> Iterator[tuple[str, RoutingProblem]]:
    """A fresh problem of each shape, with the shape's name; the same ones on every call."""
    for number, shape in enumerate(shapes, start=1):
        yield shape.name, make_round(shape, number)


def make_round(shape: RoundShape, number: int = 1) -> RoutingProblem:
    """The problem that a shape and a round number, from 1, determine."""
    rng = KeyedRandom(number)
    ids = IdFactory(rng)
    pools = [_pool(shape, index, rng) for index in range(shape.pools)]
    ages = sorted((rng.random() * 60 for _ in range(shape.tasks)), reverse=True)
    tasks = [_task(shape, ids, NOW - age, rng) for age in ages]
    table = {region: dict(row) for region, row in DISTANCE.items()}
    return RoutingProblem(tasks, pools, now=NOW, number=number, distance=table)


def _task(shape: RoundShape, ids: IdFactory, at: float, rng: random.Random) -> Task:
    plain = shape.plain
    task = Task(
        id=ids.one(at),
        type=_pick(shape.types, rng),
        priority=1 + int(rng.random() * 10),
        cost=round(rng.random() * 10, 3),
        region=_pick((None, *REGIONS), rng),
        enqueued_at=at,
        metadata={"tags": ["a", "b"]},
        attempt=int(rng.random() * 3),
        slots=1 if plain else 1 + int(rng.random() * 3),
        resource_type=shape.resource or (None if plain else _pick((None, *RESOURCES), rng)),
        deadline=_pick((None, NOW + rng.random() * 30), rng),
        expected_duration=_pick((None, round(0.5 + rng.random() * 20, 3)), rng),
    )
    return replace(task, region_required=True) if shape.bound and task.region else task


def _pool(shape: RoundShape, index: int, rng: random.Random) -> PoolView:
    capacity = shape.capacity if shape.plain else int(rng.random() * (shape.capacity + 1))
    free = int(capacity * (1.0 - shape.busy))
    pool = WorkerPool.model_validate(
        {
            "name": f"pool-{index}",
            "region": _pick(REGIONS, rng),
            "resource_type": _pick(RESOURCES, rng),
            "cost_per_unit": round(rng.random() * 2, 3),
            "capacity": capacity,
            "current_load": capacity - free,
            "worker": WorkerSpec(kind="none", params={"mean": 1.0, "by_type": {}}),
        }
    )
    base, risk = 0.1 + rng.random() * 3, rng.random() * 0.2
    state = Breaker.CLOSED if shape.plain else _pick(BREAKERS, rng)
    return PoolView(
        pool,
        free,
        state if shape.breaker is None else shape.breaker,
        {name: base * (1 + code) for code, name in enumerate(shape.types)}.__getitem__,
        {name: 1.0 - risk / (1 + code) for code, name in enumerate(shape.types)}.__getitem__,
        tuple((NOW + round(rng.random() * 30, 3), 1) for _ in range(capacity - free)),
    )


def _pick(values: Sequence[T], rng: random.Random) -> T:
    return values[int(rng.random() * len(values))]
