"""Small worlds for the lab: pools, tasks, and workers that do as they are told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from trx_core.engine import Deed, NamedAlgorithm, Simulators, in_words
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import (
    STATUS_AFTER,
    ErrorKind,
    EventType,
    Fleet,
    LogEntry,
    Outcome,
    Task,
    TaskStatus,
    WorkerPool,
)
from trx_core.protocols import Order
from trx_core.randomness import KeyedRandom
from trx_core.routing import Decision, RoutingProblem, first_come_first_served
from trx_workers.lab import Lab

PROVIDER: Final = "'acme' (acme-router 0.3.1)"
GOOD: Final = Outcome(1.0, True, 1.0)
BAD: Final = Outcome(1.0, False, 1.0, ErrorKind.TRANSIENT, "bad luck")
HOPELESS: Final = Outcome(1.0, False, 1.0, ErrorKind.PERMANENT, "no hope")
_IDS: Final = IdFactory(KeyedRandom(7))

Script = Callable[[Task, WorkerPool, random.Random], Outcome]
Route = Callable[[RoutingProblem], Decision]


class Scripted:
    """A worker that does what a function says."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return self._script(task, pool, rng)


class Routed:
    """An algorithm that decides as a function says."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def route(self, problem: RoutingProblem) -> Decision:
        return self._route(problem)


def named(
    route: Route = first_come_first_served, *, name: str = "acme", order: Order = Order.ARRIVAL
) -> NamedAlgorithm:
    return NamedAlgorithm(name, PROVIDER, Routed(route), order)


def always(outcome: Outcome) -> Script:
    return lambda task, pool, rng: outcome


def pool(name: str = "cpu", capacity: int = 1, **more: Any) -> WorkerPool:
    fields = {"region": "eu", "resource_type": "cpu", "cost_per_unit": 1.0} | more
    return WorkerPool.model_validate(
        {"name": name, "capacity": capacity, "worker": {"kind": "scripted"}} | fields
    )


def task(at: float = 0.0, **more: Any) -> Task:
    return Task(_IDS.one(at), more.pop("type", "job"), enqueued_at=at, **more)


class World:
    """One lab, and everything that it logged."""

    def __init__(
        self,
        *pools: WorkerPool,
        script: Script | None = None,
        algorithm: NamedAlgorithm | None = None,
        seed: int = 0,
        **config: Any,
    ) -> None:
        self.log: list[LogEntry] = []
        self.lab = Lab(
            Fleet(pools=pools or (pool(),)),
            algorithm or named(),
            Simulators(lambda _: Scripted(script or always(GOOD)), seed),
            KernelConfig(**({"min_interval": 0.0} | config)),
            seed=seed,
            on_deeds=self._note,
        )

    def run(self, *tasks: Task) -> int:
        return self.lab.run(tasks)

    def _note(self, deeds: list[Deed]) -> None:
        self.log.extend(in_words(deeds))

    def told(self, one: Task, *kinds: EventType) -> list[LogEntry]:
        """What the log tells of a task, or that of some kinds only."""
        mine = [entry for entry in self.log if entry.task_id == one.id]
        return [entry for entry in mine if not kinds or entry.event_type in kinds]

    def story(self, one: Task) -> list[tuple[str, float]]:
        """What happened to a task, and when."""
        return [(str(entry.event_type), entry.timestamp) for entry in self.told(one)]

    def started(self, one: Task) -> list[float]:
        """When its attempts started."""
        return [entry.timestamp for entry in self.told(one, EventType.DISPATCHED)]


def statuses(log: Iterable[LogEntry]) -> Mapping[UUID, TaskStatus]:
    """The status of every task after what a log tells; a step that cannot be is an error."""
    now: dict[UUID, TaskStatus] = {}
    for entry in log:
        now[entry.task_id] = STATUS_AFTER[now.get(entry.task_id), entry.event_type]
    return now


def most_at_once(log: Sequence[LogEntry]) -> dict[str, int]:
    """The most slots of each pool that were occupied at any time."""
    most: dict[str, int] = {}
    held: dict[str, int] = {}
    for entry in log:
        name = entry.details.get("pool")
        if name is not None:
            sign = 1 if entry.event_type is EventType.DISPATCHED else -1
            held[name] = held.get(name, 0) + sign * entry.details["slots"]
            most[name] = max(most.get(name, 0), held[name])
    return most
