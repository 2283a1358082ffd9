"""A policy that places task by task decides the same from the line as from whole rounds."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from lab_bench import PROVIDER, World, pool, task

from trx_core.engine import NamedAlgorithm
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import ErrorKind, EventType, Fleet, LogEntry, Outcome, Task, WorkerPool
from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_core.protocols import Algorithm, Order
from trx_core.report import Fold
from trx_core.routing import (
    ByArrival,
    ByPriority,
    Choice,
    Decision,
    PlainRule,
    PoolState,
    RoutingProblem,
    ScoreAlgorithm,
    Turn,
    first_come_first_served,
    in_turn,
    urgency_of,
)
from trx_workers.lab import simulate

FLEET = Fleet(
    pools=(
        pool("a", 3, expected_latency=2.0),
        pool("b", 4, resource_type="gpu"),
        pool("c", 2, region="us"),
    )
)
CONFIG = KernelConfig(
    min_interval=0.0,
    window=12,
    breaker=BreakerPolicy(failures=3, cooldown=1.5),
    retry=RetryPolicy(base=0.25, max_attempts=3),
)


class Delay(ScoreAlgorithm):
    """By load and what was learned; now and then it fails, or holds."""

    def score(self, task: Task, pool: PoolState) -> float:
        if task.priority in (6, 7) and task.attempt == 1:
            raise ValueError("seven")
        if task.priority == 3 and pool.name == "a":
            return -float("inf")
        return pool.success(task) - (pool.load + 1) * pool.latency(task) / pool.capacity


class ByTurn(Delay):
    ordering = ByArrival()


class WholeRounds(Delay):
    """The same, but its rounds are always made."""

    def route(self, problem: RoutingProblem) -> Decision:
        return super().route(problem)


class WholeRoundsByTurn(WholeRounds):
    ordering = ByArrival()


class First:
    """Who came first, to the pool with the most slots free."""

    plain_rule: PlainRule = PlainRule(Turn.ARRIVAL, Choice.MOST_FREE)

    def route(self, problem: RoutingProblem) -> Decision:
        return first_come_first_served(problem)


class Busy:
    """The most urgent, to the pool with the fewest slots occupied."""

    plain_rule: PlainRule = PlainRule(Turn.PRIORITY, Choice.LEAST_BUSY)

    def route(self, problem: RoutingProblem) -> Decision:
        order = ByPriority().order(problem)
        busy, free = problem.load.tolist(), problem.free.tolist()
        placed = [-1] * len(problem.tasks)
        for row in order:
            slots = problem.tasks[row].slots
            open_to = [
                at for at, left in enumerate(free) if left >= slots and problem.eligible[row, at]
            ]
            if open_to:
                best = placed[row] = min(open_to, key=busy.__getitem__)
                busy[best] += slots
                free[best] -= slots
        return Decision(placed, order=order)


class WholeRoundsFirst(First):
    """A class that is derived says itself what rule it follows, or none."""


class WholeRoundsBusy(Busy):
    """The same of the other."""


class Chancy:
    """Ends on quarters of a second, so that much happens at one instant; a fifth fails."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        latency = rng.randint(0, 6) * 0.25
        if rng.random() < 0.8:
            return Outcome(latency, True, task.cost)
        return Outcome(latency, False, 0.5, rng.choice(list(ErrorKind)), "bad luck")


def traffic(seed: int) -> list[Task]:
    rng, at, tasks = random.Random(seed), 0.0, list[Task]()
    ids = IdFactory(rng)
    for _ in range(400):
        at += rng.choice([0.0, 0.25, 0.25, 0.5])
        more: dict[str, Any] = {
            "slots": rng.choice([1, 1, 1, 2, 3]),
            "priority": rng.randint(1, 10),
        }
        kind = rng.choice([None, None, "gpu"])
        region = rng.choice([None, "eu", "us"])
        due = rng.choice([None, at + 3.0])
        one = Task(ids.one(at), rng.choice("xy"), enqueued_at=at, region=region, deadline=due)
        tasks.append(replace(one, resource_type=kind, **more))
    return tasks


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("lined", "whole"),
    [
        (Delay, WholeRounds),
        (ByTurn, WholeRoundsByTurn),
        (First, WholeRoundsFirst),
        (Busy, WholeRoundsBusy),
    ],
    ids=["urgent", "turn", "first", "busy"],
)
def test_the_log_is_the_same(lined: type[Algorithm], whole: type[Algorithm], seed: int) -> None:
    assert in_turn(lined()) is not None and in_turn(whole()) is None
    tasks = traffic(seed)
    logs: list[list[LogEntry]] = []
    runs = []
    for policy in (lined, whole):
        log: list[LogEntry] = []
        named = NamedAlgorithm("delay", PROVIDER, policy(), Order.PRIORITY)
        run = simulate(
            FLEET,
            named,
            tasks,
            build=lambda _: Chancy(),
            config=CONFIG,
            seed=seed,
            on_entries=log.extend,
        )
        logs.append(log)
        runs.append((run.summary, run.unplaced, run.failures, run.rounds))
    assert logs[0] == logs[1]
    assert runs[0] == runs[1]
    assert {str(entry.event_type) for entry in logs[0]} >= {"retried", "dead_lettered"}
    fails = issubclass(lined, ScoreAlgorithm)
    assert bool(runs[0][2]) is fails, "rounds in which another one stood in are among them"


@pytest.mark.parametrize("seed", range(2))
def test_what_happened_is_folded_as_its_entries_are(seed: int) -> None:
    tasks, log = traffic(seed), list[LogEntry]()
    named = NamedAlgorithm("delay", PROVIDER, Delay(), Order.PRIORITY)
    run = simulate(
        FLEET, named, tasks, build=lambda _: Chancy(), config=CONFIG, on_entries=log.extend
    )
    fold, known = Fold(), {one.id: one for one in tasks}
    for entry in log:
        if entry.event_type is EventType.ENQUEUED:
            fold.expect(known[entry.task_id])
        fold.observe([entry])
    assert run.summary == fold.summary(FLEET)


class Backwards(ByPriority):
    """Not what its urgency says."""

    def order(self, problem: RoutingProblem) -> list[int]:
        return list(super().order(problem))[::-1]


def test_an_order_that_is_not_what_its_urgency_says_is_asked_itself() -> None:
    class Odd(Delay):
        ordering = Backwards()

    assert urgency_of(Odd()) is None


def test_a_line_survives_a_policy_that_places_nobody() -> None:
    class Never(ScoreAlgorithm):
        def score(self, task: Task, pool: PoolState) -> float:
            return -float("inf")

    world = World(algorithm=NamedAlgorithm("never", PROVIDER, Never()))
    assert world.run(task(), task(1.0)) == 2
