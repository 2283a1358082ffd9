"""The protocols can be told from outside: which object keeps which."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from trx_core.models import LogEntry, Outcome, Task, TaskRequest, WorkerPool
from trx_core.protocols import (
    Algorithm,
    Arrival,
    BadRow,
    Delivery,
    MetricCollector,
    Order,
    QueueDepth,
    Scenario,
    TaskQueue,
    TraceReader,
    Worker,
    WorkerSimulator,
)
from trx_core.queues import MemoryQueue
from trx_core.report import Fold
from trx_core.routing import Composed, Decision, RoutingProblem


class Policy:
    def route(self, problem: RoutingProblem) -> Decision:
        return Decision([])


class Simulator:
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return Outcome(1.0, True, 1.0)


class Remote:
    async def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        return Outcome(1.0, True, 1.0)


class Collector:
    def observe(self, entries: Sequence[LogEntry]) -> None:
        pass


class Pattern:
    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        yield Arrival(0.0, TaskRequest(type="a"))


class Reader:
    def sniff(self, path: Path, head: str) -> bool:
        return False

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        yield BadRow(1, "unreadable")


PROTOCOLS = (Algorithm, WorkerSimulator, Worker, TaskQueue, MetricCollector, Scenario, TraceReader)
KEPT = {
    Policy: Algorithm,
    Composed: Algorithm,
    Simulator: WorkerSimulator,
    Remote: Worker,
    MemoryQueue: TaskQueue,
    Collector: MetricCollector,
    Fold: MetricCollector,
    Pattern: Scenario,
    Reader: TraceReader,
}


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: str(kind.__name__))
def test_an_object_keeps_its_protocol_and_no_other(kind: type[Any]) -> None:
    made = kind()
    assert [each for each in PROTOCOLS if isinstance(made, each)] == [KEPT[kind]]


REQUIRED = {
    Algorithm: {"route"},
    WorkerSimulator: {"sample"},
    Worker: {"execute"},
    TaskQueue: {"publish", "fetch", "ack", "depth"},
    MetricCollector: {"observe"},
    Scenario: {"arrivals"},
    TraceReader: {"sniff", "read"},
}


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda kind: str(kind.__name__))
def test_protocols_never_gain_required_members(protocol: type[Any]) -> None:
    required = {name for name in vars(protocol) if not name.startswith("_")}
    assert required == REQUIRED[protocol]


@pytest.mark.parametrize("missing", ["publish", "fetch", "ack", "depth"])
def test_an_object_that_lacks_a_member_does_not_keep_the_protocol(missing: str) -> None:
    members = {name: getattr(MemoryQueue, name) for name in REQUIRED[TaskQueue] - {missing}}
    assert not isinstance(type("Half", (), members)(), TaskQueue)


def test_a_delivery_is_a_first_one_and_no_poison_unless_it_says_so() -> None:
    assert Delivery("1", None)[2:] == (None, 1)


def test_depth_adds_up_all_that_is_still_to_be_settled() -> None:
    assert QueueDepth(lag=1, pending=20, delayed=300).total == 321


def test_orders_are_named_as_specs_and_settings_write_them() -> None:
    assert [Order("priority"), Order("arrival")] == list(Order)
