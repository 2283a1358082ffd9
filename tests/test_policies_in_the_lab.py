"""What the policies are for, seen in the lab: runs of the whole, in virtual time."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from trx_core.engine import NamedAlgorithm
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import EventType, Fleet, LogEntry, Task
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.routing import Decision, RoutingProblem
from trx_workers.lab import simulate

REGISTRY = load_plugins()


class Run(NamedTuple):
    """When each task started and ended, and on which pool, in order of arrival."""

    tasks: list[Task]
    started: dict[UUID, float]
    ended: dict[UUID, float]
    pool: dict[UUID, str]

    @property
    def waits(self) -> list[float]:
        return [self.started[task.id] - task.enqueued_at for task in self.tasks]

    @property
    def stays(self) -> list[float]:
        return [self.ended[task.id] - task.enqueued_at for task in self.tasks]


def run(
    pools: Iterable[Mapping[str, Any]],
    tasks: list[Task],
    name: str,
    watch: Callable[[RoutingProblem], None] = lambda problem: None,
    **params: Any,
) -> Run:
    """A policy on a fleet; everything ends well."""
    made = make_algorithm(REGISTRY, name, params, foresight=True)
    result = Run(tasks, {}, {}, {})

    def log(entries: list[LogEntry]) -> None:
        for entry in entries:
            if entry.event_type is EventType.DISPATCHED:
                result.started[entry.task_id] = entry.timestamp
                result.pool[entry.task_id] = entry.details["pool"]
            elif entry.event_type is EventType.COMPLETED:
                result.ended[entry.task_id] = entry.timestamp

    watched = made._replace(algorithm=_Watched(made, watch)) if name != "oracle" else made
    done = simulate(
        Fleet.model_validate({"pools": tuple(_pool(**fields) for fields in pools)}),
        watched,
        tasks,
        build=simulator_maker(REGISTRY),
        config=KernelConfig(min_interval=0.0, window=10_000),
        on_entries=log,
    )
    assert (done.summary.completed, done.failures) == (len(tasks), {})
    return result


class _Watched:
    def __init__(self, made: NamedAlgorithm, watch: Callable[[RoutingProblem], None]) -> None:
        self._made, self._watch = made, watch

    def route(self, problem: RoutingProblem) -> Decision:
        self._watch(problem)
        return self._made.algorithm.route(problem)


def _pool(
    name: str, capacity: int, mean: float = 1.0, cv: float = 1.0, expected: float | None = None
) -> dict[str, Any]:
    service = {"mean": mean, "cv": cv, "success_rate": 1.0}
    return {
        "name": name,
        "capacity": capacity,
        "region": "here",
        "resource_type": "cpu",
        "cost_per_unit": 0.0,
        "expected_latency": expected or max(mean, 0.001),
        "worker": {"kind": "lognormal", "params": service},
    }


def poisson(rate: float, count: int, seed: int = 1, **fields: Any) -> list[Task]:
    """Tasks that arrive at ``rate`` a second."""
    luck, ids, at, tasks = (
        KeyedRandom(seed).at(Purpose.TRAFFIC),
        IdFactory(KeyedRandom(seed)),
        0.0,
        [],
    )
    for _ in range(count):
        at += luck.expovariate(rate)
        tasks.append(Task(ids.one(at), "job", enqueued_at=at, **fields))
    return tasks


def merged(*streams: list[Task]) -> list[Task]:
    return sorted((task for stream in streams for task in stream), key=lambda t: t.enqueued_at)


@pytest.mark.parametrize("name", ["greedy", "min-cost-flow"])
def test_nobody_waits_for_a_pool_at_which_nothing_ends_beside_an_idle_one(name: str) -> None:
    pools = [
        {"name": "endless", "capacity": 20, "mean": 1e7, "cv": 0.0, "expected": 1.0},
        {"name": "long", "capacity": 40, "mean": 2000.0, "cv": 0.0, "expected": 1.0},
    ]
    made = run(pools, poisson(0.005, 400), name)
    assert set(made.pool.values()) == {"endless", "long"}
    assert sum(made.waits) < 100.0, "what holding a task at first may cost above its best pool"


def test_the_more_pools_are_looked_at_the_more_evenly_they_are_loaded() -> None:
    pools = [{"name": f"p{number}", "capacity": 40} for number in range(10)]
    fullest: dict[str, float] = {}
    for name in ("random", "power-of-two-choices", "join-shortest-queue"):
        seen: list[int] = []
        run(pools, poisson(100.0, 3000), name, lambda p, seen=seen: seen.append(max(p.load)))  # type: ignore[misc]
        fullest[name] = statistics.fmean(seen[500:])
    mean = 10.0
    assert mean < fullest["join-shortest-queue"] < fullest["power-of-two-choices"] - 0.5
    assert fullest["power-of-two-choices"] < fullest["random"] - 2.0


def test_knowing_more_of_the_pools_makes_stays_shorter() -> None:
    pools = [
        {"name": "slow", "capacity": 30, "mean": 4.0},
        {"name": "fast", "capacity": 30, "mean": 1.0},
    ]
    tasks = poisson(15.0, 3000)
    stays = {
        name: statistics.fmean(run(pools, tasks, name).stays)
        for name in ("random", "join-shortest-queue", "shortest-expected-delay", "oracle")
    }
    assert stays["oracle"] < 0.9 * stays["shortest-expected-delay"]
    assert stays["shortest-expected-delay"] < 0.8 * stays["join-shortest-queue"]
    assert stays["shortest-expected-delay"] < 0.8 * stays["random"]


def test_shares_converge_to_weights_while_tenants_are_backlogged() -> None:
    streams = [
        poisson(5.0, 350, seed, metadata={"tenant": tenant}, expected_duration=1.0)
        for seed, tenant in enumerate(("gold", "silver", "bronze"), start=1)
    ]
    done = run(
        [{"name": "p", "capacity": 6, "cv": 0.5}],
        merged(*streams),
        "weighted-fair-queueing",
        weights={"gold": 3, "silver": 2},
    )
    tenants = {task.id: task.metadata["tenant"] for task in done.tasks}
    served = Counter(tenants[key] for key, at in done.started.items() if 5 < at <= 65)
    shares = {tenant: count / served.total() for tenant, count in served.items()}
    assert shares == pytest.approx({"gold": 3 / 6, "silver": 2 / 6, "bronze": 1 / 6}, abs=0.02)


def test_deadlines_that_first_come_first_served_misses_are_met() -> None:
    """Every tenth task is due within three seconds, and the queue is longer than that."""
    fleet = [{"name": "p", "capacity": 10, "cv": 0.2}]
    patient = [
        Task(t.id, t.type, enqueued_at=t.enqueued_at, deadline=t.enqueued_at + 300.0)
        for t in poisson(10.8, 1000)
    ]
    hasty = [
        Task(t.id, t.type, enqueued_at=t.enqueued_at, deadline=t.enqueued_at + 3.0)
        for t in poisson(1.2, 100, seed=2)
    ]
    tasks = merged(patient, hasty)
    late = {}
    for name in ("fcfs", "earliest-deadline-first"):
        ended = run(fleet, tasks, name).ended
        late[name] = sum(ended[task.id] > (task.deadline or 0) for task in tasks)
    assert late["fcfs"] > 50
    assert late["earliest-deadline-first"] == 0


def test_under_overload_plain_priority_starves_whom_aging_serves() -> None:
    """More urgent work than the fleet can do, for two minutes; a few trifles at the start."""
    trifles = poisson(1.0, 10, seed=2, priority=1)
    tasks = merged(poisson(12.0, 1500, priority=10), trifles)
    fleet = [{"name": "p", "capacity": 10, "cv": 0.5}]
    worst = {}
    for rate in (0.0, 0.2):
        done = run(fleet, tasks, "priority-aging", rate=rate)
        worst[rate] = max(done.started[task.id] - task.enqueued_at for task in trifles)
    assert worst[0.0] > 100
    assert worst[0.2] < 80


def test_the_shortest_first_halves_the_mean_wait_of_a_busy_fleet() -> None:
    tasks = [
        Task(
            t.id,
            "replayed",
            enqueued_at=t.enqueued_at,
            expected_duration=length,
        )
        for t in poisson(0.9, 3000)
        for length in [KeyedRandom(5).at(t.id.int).expovariate(1.0) + 1e-6]
    ]
    waits = {}
    for name in ("fcfs", "shortest-job-first"):
        done = run_recorded(tasks, name)
        waits[name] = statistics.fmean(done.waits)
    assert waits["shortest-job-first"] < 0.6 * waits["fcfs"]


def run_recorded(tasks: list[Task], name: str) -> Run:
    """On one slot that takes as long as expected."""
    result = Run(tasks, {}, {}, {})

    def log(entries: list[LogEntry]) -> None:
        dispatched = (e for e in entries if e.event_type is EventType.DISPATCHED)
        result.started.update((e.task_id, e.timestamp) for e in dispatched)

    fields = _pool("p", 1) | {"worker": {"kind": "recorded"}}
    simulate(
        Fleet.model_validate({"pools": (fields,)}),
        make_algorithm(REGISTRY, name),
        tasks,
        build=simulator_maker(REGISTRY),
        config=KernelConfig(min_interval=0.0, window=10_000),
        on_entries=log,
    )
    return result


def test_a_key_stays_on_its_pool_as_long_as_that_has_room() -> None:
    pools = [{"name": f"p{number}", "capacity": 30} for number in range(4)]
    tasks = [
        Task(t.id, t.type, enqueued_at=t.enqueued_at, metadata={"session": f"s{index % 50}"})
        for index, t in enumerate(poisson(40.0, 2000))
    ]
    done = run(pools, tasks, "sticky-hash")
    homes: dict[str, set[str]] = {}
    for task in tasks:
        homes.setdefault(task.metadata["session"], set()).add(done.pool[task.id])
    assert sum(len(pools) == 1 for pools in homes.values()) >= 45
    assert {pool for pools in homes.values() for pool in pools} == {"p0", "p1", "p2", "p3"}
