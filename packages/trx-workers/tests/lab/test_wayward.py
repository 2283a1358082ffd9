"""Policies that meddle: what they return, or change, hurts nobody but them."""

from __future__ import annotations

from typing import Any

import pytest
from hostile_answers import Late, Text, TwoFaced
from lab_bench import (
    PROVIDER,
    Scripted,
    World,
    most_at_once,
    named,
    pool,
    statuses,
    task,
)

from trx_core.engine import Blame, NamedAlgorithm
from trx_core.kernel import FALLBACK
from trx_core.models import EventType, Fleet, Outcome, Task, WorkerPool
from trx_core.routing import (
    Decision,
    Outcomes,
    PoolState,
    RoutingProblem,
    ScoreAlgorithm,
    first_come_first_served,
)
from trx_workers.lab import simulate


def late(problem: RoutingProblem) -> Decision:
    return Late(first_come_first_served(problem).pool)


def loud(problem: RoutingProblem) -> Decision:
    return Decision(first_come_first_served(problem).pool, reason=Text("loud"))


def two_faced(problem: RoutingProblem) -> Decision:
    order = TwoFaced(range(len(problem.tasks)))
    return Decision(first_come_first_served(problem).pool, order=order)


@pytest.mark.parametrize(
    ("route", "failures"),
    [(late, {("acme", Blame.BROKE_CONTRACT): 1}), (loud, {}), (two_faced, {})],
)
def test_a_run_outlives_whatever_a_policy_returns(route: Any, failures: dict[Any, int]) -> None:
    world, tasks = World(pool(capacity=3), algorithm=named(route)), [task() for _ in range(3)]
    assert world.run(*tasks) == 0
    assert world.lab.decider.failures == failures
    starts = [start for one in tasks for start in world.told(one, EventType.DISPATCHED)]
    assert [start.details["algorithm"] for start in starts] == (
        [FALLBACK if failures else "acme"] * 3
    )
    for reason in world.lab.reasons.summaries().values():
        assert type(reason.last) is str


def meddle(pool: WorkerPool) -> None:
    """Do to a pool whatever can be done without being told how."""
    vars(pool).update(cost_per_unit=0.0, capacity=10**6, name="mine", region="mine")
    with pytest.raises(AttributeError):
        pool.worker.params.clear()  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        pool.worker.params["mean"] = 0.0  # type: ignore[index]
    vars(pool.worker).update(kind="mine", params={})


class Meddles(ScoreAlgorithm):
    """Changes what it is shown of every pool and task."""

    def score(self, task: Task, pool: PoolState) -> float:
        meddle(pool.pool) if pool.pool.name != "mine" else None
        with pytest.raises(TypeError):
            task.metadata["tenant"] = "mine"  # type: ignore[index]
        with pytest.raises(AttributeError):
            task.metadata.clear()  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            task.metadata["tags"].append("mine")
        return 1.0


class MeddlesWithRounds(Meddles):
    def route(self, problem: RoutingProblem) -> Decision:
        decision = super().route(problem)
        vars(problem.objective).update(money=0.0)
        vars(problem).update(tasks=(), pools=(), eligible=None, free=None, now=-1.0)
        return decision


class MeddlesWithNews(MeddlesWithRounds):
    def observe(self, outcomes: Outcomes) -> None:
        for attempt in outcomes.attempts:
            vars(attempt.pool).update(cost_per_unit=0.0, capacity=10**6, id=None)
        vars(outcomes).clear()


POOLS = (
    pool("a", 2, cost_per_unit=3.0, worker={"kind": "scripted", "params": {"mean": 1.0}}),
    pool("b", 1, cost_per_unit=5.0, worker={"kind": "scripted", "params": {"mean": 2.0}}),
)


def charged(task: Task, pool: WorkerPool, *_: object) -> Outcome:
    return Outcome(pool.worker.params["mean"], True, task.cost * pool.cost_per_unit)


@pytest.mark.parametrize("kind", [Meddles, MeddlesWithRounds, MeddlesWithNews])
def test_what_a_policy_is_shown_is_its_own(kind: type[ScoreAlgorithm]) -> None:
    metadata = {"tenant": "acme", "tags": ["x"], "trx.fails": "no kind of failure"}
    tasks = [task(0.1 * at, metadata=metadata) for at in range(12)]
    meddling = NamedAlgorithm("mine", PROVIDER, kind(), learns=kind is MeddlesWithNews)
    described = [one.model_dump() for one in POOLS]
    world = World(*POOLS, algorithm=meddling, script=charged)
    assert world.run(*tasks) == 0
    assert world.lab.decider.failures == {}
    assert [one.model_dump() for one in POOLS] == described
    assert most_at_once(world.log) == {"a": 2, "b": 1}
    ended = [entry.details for entry in world.log if entry.event_type is EventType.COMPLETED]
    assert sorted({one["cost"] for one in ended}) == [3.0, 5.0]
    assert {status.value for status in statuses(world.log).values()} == {"completed"}
    assert all(one.metadata == {**metadata, "tags": ("x",)} for one in tasks)


def test_a_round_that_its_policy_has_emptied_strands_nobody() -> None:
    def empties(problem: RoutingProblem) -> Decision:
        vars(problem).update(tasks=(), pools=())
        return Decision([])

    world, tasks = World(pool(capacity=2), algorithm=named(empties)), [task() for _ in range(3)]
    assert world.run(*tasks) == 0
    assert set(world.lab.decider.failures) >= {("acme", Blame.BROKE_CONTRACT)}
    assert len(statuses(world.log)) == 3


def test_a_round_that_its_policy_has_made_wider_is_not_believed() -> None:
    def widens(problem: RoutingProblem) -> Decision:
        vars(problem).update(pools=tuple(one._replace(free=10**6) for one in problem.pools))
        return Decision([0] * len(problem.tasks))

    world = World(pool(capacity=2), algorithm=named(widens))
    assert world.run(*(task() for _ in range(3))) == 0
    assert most_at_once(world.log) == {"cpu": 2}
    assert world.lab.decider.failures[("acme", Blame.BROKE_CONTRACT)] == 1


@pytest.mark.parametrize("slots", [1, 2])
def test_a_policy_that_gives_itself_slots_is_blamed(slots: int) -> None:
    class Widens(ScoreAlgorithm):
        def score(self, task: Task, pool: PoolState) -> float:
            object.__setattr__(pool, "free", 10**6)
            return 1.0

    world = World(pool("a", 2), pool("b", 3), algorithm=NamedAlgorithm("wide", PROVIDER, Widens()))
    tasks = [task(slots=slots) for _ in range(9)]
    assert world.run(*tasks) == 0
    assert all(most <= {"a": 2, "b": 3}[name] for name, most in most_at_once(world.log).items())
    assert world.lab.decider.failures[("wide", Blame.BROKE_CONTRACT)] > 0
    dispatched = [one for one in world.log if one.event_type is EventType.DISPATCHED]
    assert dispatched[0].details["algorithm"] == FALLBACK


def test_a_rivals_run_on_the_same_fleet_is_not_touched() -> None:
    fleet = Fleet(pools=POOLS, distance={"eu": {"us": 2.0}})

    def ran(algorithm: Any) -> Any:
        tasks = [
            Task(at.id, "job", enqueued_at=at.enqueued_at, metadata={"tags": ["x"]}) for at in SAME
        ]
        return simulate(
            fleet,
            NamedAlgorithm("one", PROVIDER, algorithm),
            tasks,
            build=lambda _: Scripted(charged),
        ).summary

    class Quiet(ScoreAlgorithm):
        def score(self, task: Task, pool: PoolState) -> float:
            return 1.0

    before = ran(Quiet())
    assert ran(Meddles()) == before
    assert ran(MeddlesWithRounds()) == before
    assert ran(Quiet()) == before


SAME = [task(0.1 * at) for at in range(12)]
