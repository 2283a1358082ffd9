"""A plugin for tests: algorithms and collectors that misbehave, and a worker that counts."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from trx_core import hookimpl
from trx_core.capabilities import AlgorithmCapabilities
from trx_core.models import LogEntry, Outcome, Task, WorkerPool
from trx_core.routing import Decision, Outcomes, RoutingProblem, first_come_first_served
from trx_core.specs import AlgorithmSpec, CollectorSpec, WorkerKindSpec

NAMES = ("raising", "exiting", "sluggish", "overfilling", "stuck")

RELEASED = threading.Event()
"""Set it to let the calls of ``stuck`` return."""

NOTED: dict[tuple[UUID, int], tuple[float, ...]] = {}
"""By task and attempt: latency, cost and success, as ``noting`` was told."""

CARRIED_OUT: Counter[UUID] = Counter()
"""How often workers of the kind ``counting`` were given each task."""


@hookimpl
def trx_register_algorithms() -> Sequence[AlgorithmSpec]:
    noting = AlgorithmSpec(
        name="noting",
        target="wayward:Noting",
        summary="It notes how attempts ended.",
        capabilities=AlgorithmCapabilities(stateful=True, outcomes=True),
    )
    return [
        noting,
        *(
            AlgorithmSpec(name=name, target=f"wayward:{name.title()}", summary="It misbehaves.")
            for name in NAMES
        ),
    ]


@hookimpl
def trx_register_workers() -> Sequence[WorkerKindSpec]:
    return [WorkerKindSpec(name="counting", target="wayward:Counting", summary="It counts.")]


@hookimpl
def trx_register_metric_collectors() -> Sequence[CollectorSpec]:
    names = {
        "raising-collector": "RaisingCollector",
        "exiting-collector": "ExitingCollector",
        "stuck-collector": "StuckCollector",
        "unmade-collector": "UnmadeCollector",
    }
    return [
        CollectorSpec(name=name, target=f"wayward:{target}", summary="It misbehaves.")
        for name, target in names.items()
    ]


class RaisingCollector:
    def observe(self, entries: Sequence[LogEntry]) -> None:
        raise LookupError("no such gauge")


class ExitingCollector:
    def observe(self, entries: Sequence[LogEntry]) -> None:
        sys.exit(3)


class UnmadeCollector:
    def __init__(self) -> None:
        raise KeyError("WAYWARD_KEY")


class StuckCollector:
    def observe(self, entries: Sequence[LogEntry]) -> None:
        RELEASED.wait()


class Counting:
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        CARRIED_OUT[task.id] += 1
        return Outcome(0.01, True, 0.0)


class Raising:
    def route(self, problem: RoutingProblem) -> Decision:
        raise LookupError("no model")


class Exiting:
    def route(self, problem: RoutingProblem) -> Decision:
        sys.exit("no licence")


class Noting:
    """First come, first served; notes how attempts ended."""

    def observe(self, outcomes: Outcomes) -> None:
        columns = (outcomes.latency.tolist(), outcomes.cost.tolist(), outcomes.success.tolist())
        for attempt, *end in zip(outcomes.attempts, *columns, strict=True):
            assert (attempt.task.id, attempt.number) not in NOTED
            NOTED[attempt.task.id, attempt.number] = tuple(end)

    def route(self, problem: RoutingProblem) -> Decision:
        return first_come_first_served(problem)


class Sluggish:
    def route(self, problem: RoutingProblem) -> Decision:
        time.sleep(0.3)
        return Decision([0] * len(problem.tasks))


class Overfilling:
    def route(self, problem: RoutingProblem) -> Decision:
        return Decision([0] * len(problem.tasks))


class Stuck:
    def route(self, problem: RoutingProblem) -> Decision:
        RELEASED.wait()
        return Decision([0] * len(problem.tasks))
