"""The compiled lane tells the very log that the lab tells."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from lab_bench import PROVIDER, pool, task

from trx_core.engine import NamedAlgorithm, Simulators
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import Fleet, LogEntry, Task
from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_core.protocols import Algorithm, Order, WorkerSimulator
from trx_core.report import Fold
from trx_core.routing import (
    ByArrival,
    ByPriority,
    Choice,
    Composed,
    Decision,
    LeastCost,
    LeastLoaded,
    PlainRule,
    RoutingProblem,
    Turn,
)
from trx_workers.lab import LabRun, simulate
from trx_workers.lab.lane import LaneRun, run_in_lane
from trx_workers.lab.lane.loop import load
from trx_workers.simulators.kinds import Exponential, LogNormal
from trx_workers.simulators.recorded import Recorded

ROBUST = BreakerPolicy(failures=10_000)
FLEET = Fleet(
    pools=(pool("a", 4), pool("b", 3, cost_per_unit=2.0), pool("c", 4), pool("d", 0), pool("e", 1))
)


class LeastBusy:
    """The pool with the fewest slots occupied, for the most urgent first."""

    plain_rule = PlainRule(Turn.PRIORITY, Choice.LEAST_BUSY)

    def route(self, problem: RoutingProblem) -> Decision:
        order = ByPriority().order(problem)
        busy, free = problem.load.tolist(), problem.free.tolist()
        placed = [-1] * len(problem.tasks)
        for row in order:
            open_to = [at for at, slots in enumerate(free) if slots]
            if open_to:
                best = placed[row] = min(open_to, key=busy.__getitem__)
                busy[best] += 1
                free[best] -= 1
        return Decision(placed, order=order)


POLICIES: dict[str, Callable[[], Algorithm]] = {
    "arrival": lambda: Composed(ByArrival(), LeastLoaded()),
    "priority": lambda: Composed(ByPriority(), LeastLoaded()),
    "busy": LeastBusy,
}


def traffic(seed: int, count: int = 600, rate: float = 10.0, step: float = 0.0) -> list[Task]:
    """Tasks at ``rate`` a second, at multiples of ``step`` seconds if that is not 0."""
    rng, at, tasks = random.Random(seed), 0.0, list[Task]()
    ids = IdFactory(random.Random(seed))
    for _ in range(count):
        at += rng.expovariate(rate)
        when = at // step * step if step else at
        more: dict[str, Any] = {"metadata": {"run_time": rng.randint(0, 8) * 0.25}}
        more |= {"deadline": rng.choice([None, at + 2.0]), "region": rng.choice([None, "eu"])}
        kind, priority, cost = rng.choice("xy"), rng.randint(1, 10), rng.random()
        tasks.append(Task(ids.one(when), kind, priority, cost, enqueued_at=when, **more))
    return tasks


def impatient() -> WorkerSimulator:
    """Exponential, and given up after a while."""
    return Exponential(mean=1.0, timeout=2.0, success_rate=0.9, by_type={"y": {"mean": 0.5}})


def lognormal() -> WorkerSimulator:
    slow = {"y": {"mean": 1.5, "success_rate": 0.7}}
    return LogNormal(mean=1.0, cv=1.5, success_rate=0.8, permanent_share=0.2, by_type=slow)


def runs(
    policy: Algorithm, tasks: Sequence[Task], seed: int, simulator: WorkerSimulator, **config: Any
) -> tuple[LabRun, list[LogEntry], int, Fold, list[LogEntry]]:
    """The lab's run and log; and the lane's rounds, fold and log."""
    named = NamedAlgorithm("plain", PROVIDER, policy, Order.ARRIVAL)
    given = KernelConfig(**({"min_interval": 0.0, "breaker": ROBUST} | config))
    log, other = list[LogEntry](), list[LogEntry]()
    run = simulate(
        FLEET,
        named,
        tasks,
        build=lambda _: simulator,
        config=given,
        seed=seed,
        on_entries=log.extend,
        lane=False,
    )
    fold, simulators = Fold(), Simulators(lambda _: simulator, seed)
    ran = run_in_lane(FLEET, named, tasks, simulators, given, seed, fold, other.extend)
    assert ran is not None
    return run, log, ran.rounds, fold, other


def in_bytes(log: Sequence[LogEntry]) -> bytes:
    return "\n".join(
        f"{e.task_id} {e.timestamp.hex()} {e.event_type!r} {sorted(e.details.items())!r}"
        for e in log
    ).encode()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("min_interval", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_log_is_the_same_byte_for_byte(policy: str, min_interval: float, seed: int) -> None:
    tasks = traffic(seed, step=0.0 if seed else 0.25)
    retry = RetryPolicy(max_attempts=3, base=0.25, jitter=0.0 if seed == 0 else 0.5)
    run, log, rounds, fold, other = runs(
        POLICIES[policy](), tasks, seed, lognormal(), min_interval=min_interval, retry=retry
    )
    assert in_bytes(other) == in_bytes(log)
    assert {str(one.event_type) for one in log} >= {"retried", "dead_lettered", "completed"}
    assert (rounds, fold.summary(FLEET)) == (run.rounds, run.summary)


def test_attempts_that_are_given_up_are_in_it() -> None:
    run, log, rounds, fold, other = runs(POLICIES["busy"](), traffic(4), 4, impatient())
    assert in_bytes(other) == in_bytes(log)
    assert {one.details.get("error") for one in log} >= {"timeout", "transient", "permanent"}
    assert (rounds, fold.summary(FLEET)) == (run.rounds, run.summary)


@pytest.mark.parametrize("policy", POLICIES)
def test_recorded_times_that_end_at_one_instant_are_told_as_one(policy: str) -> None:
    tasks = traffic(5, rate=14.0, step=0.25)
    run, log, rounds, fold, other = runs(POLICIES[policy](), tasks, 1, Recorded())
    assert in_bytes(other) == in_bytes(log)
    assert (rounds, fold.summary(FLEET)) == (run.rounds, run.summary)


def test_a_run_takes_the_lane_by_itself_and_comes_to_the_same() -> None:
    load()
    tasks = traffic(2, count=3000)
    named = NamedAlgorithm("plain", PROVIDER, POLICIES["arrival"](), Order.ARRIVAL)
    taken, other = (
        simulate(FLEET, named, iter(tasks), build=lambda _: lognormal(), seed=3, lane=lane)
        for lane in (True, False)
    )
    assert taken.summary == other.summary
    assert taken.rounds == other.rounds
    assert (taken.decision_seconds, other.lane_seconds) == (None, None)
    assert taken.lane_seconds is not None and taken.lane_seconds > 0
    assert other.decision_seconds is not None and other.decision_seconds > 0


class Timed:
    """Slower as time goes by."""

    def sample(self, task: Task, pool: Any, now: float, rng: random.Random) -> Any:
        return lognormal().sample(task, pool, now, rng)._replace(latency=now)


def declined(tasks: Sequence[Task], policy: Algorithm | None = None, **more: Any) -> LaneRun | None:
    simulator = more.pop("simulator", None) or lognormal()
    fold, config = Fold(), KernelConfig(**({"breaker": ROBUST} | more))
    named = NamedAlgorithm("plain", PROVIDER, policy or POLICIES["arrival"]())
    simulators = Simulators(lambda _: simulator, 0)
    told: list[LogEntry] = []
    ran = run_in_lane(FLEET, named, tasks, simulators, config, 0, fold, told.extend)
    assert ran is not None or not told
    assert ran is not None or fold.summary(FLEET).accepted == 0
    return ran


def test_what_it_does_not_cover_is_left_to_the_lab() -> None:
    tasks = traffic(1, count=200)
    assert declined(tasks) is not None
    assert declined([*tasks, task(1e6, slots=2)]) is None, "more than one slot"
    assert declined([*tasks, task(1e6, resource_type="gpu")]) is None, "not for every pool"
    bound = [task(1e6, region=region, region_required=True) for region in ("eu", "us")]
    assert declined([*tasks, bound[0]]) is not None
    assert declined([*tasks, bound[1]]) is None, "bound to another region"
    assert declined([*tasks, task(0.0)]) is None, "not in order"
    assert declined(tasks, Composed(ByArrival(), LeastCost())) is None, "no plain rule"
    assert declined(tasks, simulator=Timed()) is None, "outcomes that depend on the time"
    lined = LogNormal(queue=1)
    assert declined(tasks, simulator=lined) is None, "lines at pools"
    assert declined(tasks, window=3) is None, "a full window"
    assert declined(tasks, breaker=BreakerPolicy(failures=2)) is None, "a breaker that opens"
    assert declined([]) is None
