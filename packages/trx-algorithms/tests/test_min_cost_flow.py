"""The decision whose costs sum to the least."""

from __future__ import annotations

import random
import re
from itertools import product
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_algorithms.flow import BACKENDS, Problem, solve
from trx_algorithms.greedy import Greedy
from trx_algorithms.min_cost_flow import MinCostFlow
from trx_core.ids import IdFactory
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.routing import HOLD, Breaker, Objective, PoolView, RoutingProblem, validate
from trx_core.testing import RoundShape, make_round

NOW: Final = 1000.0
IDS: Final = IdFactory(random.Random(1))


def task(**fields: Any) -> Task:
    return Task(**{"id": IDS.one(NOW), "type": "web", "enqueued_at": NOW, **fields})


def pool(name: str, free: int, seconds: float = 1.0, **fields: Any) -> PoolView:
    breaker = fields.pop("breaker", Breaker.CLOSED)
    catalogue = {
        "region": "eu-west",
        "resource_type": "cpu",
        "cost_per_unit": 1.0,
        "capacity": max(free, 1),
        "worker": WorkerSpec(kind="none"),
        **fields,
    }
    view = WorkerPool(name=name, **catalogue)
    return PoolView(view, free, breaker, lambda _: seconds, lambda _: 1.0)


def problem(tasks: list[Task], pools: list[PoolView], **fields: Any) -> RoutingProblem:
    return RoutingProblem(tasks, pools, now=NOW, **fields)


def total(question: RoutingProblem, placed: list[int]) -> float:
    """What a decision costs by the objective."""
    costs = [
        question.hold[row] if index == HOLD else question.cost[row, index]
        for row, index in enumerate(placed)
    ]
    return float(sum(costs))


def least(question: RoutingProblem) -> float:
    """The optimum when every task is a class of its own and needs one slot."""
    cost = np.where(question.eligible, question.cost, np.inf)
    return solve(Problem.of(cost, question.free, question.hold), "ortools").cost


shapes = st.builds(
    RoundShape,
    name=st.just("drawn"),
    tasks=st.integers(0, 60),
    pools=st.integers(0, 8),
    capacity=st.integers(1, 12),
    busy=st.sampled_from([0.0, 0.3, 1.0]),
    plain=st.booleans(),
    types=st.sampled_from([("web",), ("web", "batch", "video")]),
)


@pytest.mark.parametrize("backend", ["auto", *BACKENDS])
@given(shape=shapes, number=st.integers(1, 1000))
def test_no_decision_costs_less(backend: str, shape: RoundShape, number: int) -> None:
    question = make_round(shape, number)
    decision = MinCostFlow(backend).route(question)
    cost = total(question, validate(question, decision))
    assert cost <= total(question, validate(question, Greedy().route(question))) + 1e-6 or (
        decision.reason is not None and "several slots" in decision.reason
    )
    if np.all(question.slots == 1):
        assert cost == pytest.approx(least(question), abs=1e-6)


def test_sends_a_task_second_best_where_that_saves_more_elsewhere() -> None:
    tasks = [task(type="any", priority=9), task(type="picky")]
    best, second = {"any": 1.0, "picky": 1.0}, {"any": 2.0, "picky": 50.0}
    views = [
        pool("best", 1)._replace(latency=best.__getitem__),
        pool("next", 1)._replace(latency=second.__getitem__),
    ]
    question = problem(tasks, views)
    assert validate(question, MinCostFlow().route(question)) == [1, 0]
    assert validate(question, Greedy().route(question)) == [0, 1]


def test_tasks_that_differ_in_age_and_priority_alone_are_one_class() -> None:
    tasks = [task(priority=1 + n % 10, enqueued_at=NOW - n) for n in range(50)]
    objective = Objective(hold=0.0, wait=1.0)
    question = problem(tasks, [pool("p", 7)], objective=objective)
    placed = validate(question, MinCostFlow().route(question))
    dearest = sorted(range(50), key=lambda row: question.hold[row])[-7:]
    assert sorted(row for row, index in enumerate(placed) if index == 0) == sorted(dearest)


def test_tasks_that_are_bound_to_their_region_are_not_of_one_class_with_those_that_are_not() -> (
    None
):
    tasks = [task(region="eu-west", region_required=n % 2 == 0) for n in range(4)]
    views = [pool("here", 2, seconds=9.0), pool("there", 4, region="us-east")]
    question = problem(tasks, views)
    assert validate(question, MinCostFlow().route(question)) == [0, 1, 0, 1]


def test_says_which_pool_is_congested_and_what_a_slot_of_it_is_worth() -> None:
    question = problem([task() for _ in range(3)], [pool("fast", 2), pool("slow", 9, 43.1)])
    assert MinCostFlow().route(question).reason == "fast is congested: shadow price 42.1"
    idle = problem([task()], [pool("fast", 2)])
    assert MinCostFlow().route(idle).reason == "no pool is congested"


def test_names_the_dearest_of_many_congested_pools() -> None:
    tasks = [task() for _ in range(9)]
    pools = [pool(f"p{n}", 1, seconds=1.0 + n) for n in range(6)]
    reason = MinCostFlow().route(problem(tasks, pools)).reason
    assert reason is not None
    assert reason.startswith("p0 is congested")
    assert reason.endswith("3 more are congested")


def test_holds_what_is_cheaper_to_hold() -> None:
    objective = Objective(hold=5.0, wait=0.0)
    pools = [pool("full", 0, cost_per_unit=0.0), pool("p", 9)]
    question = problem([task(cost=4.0), task(cost=9.0)], pools, objective=objective)
    assert validate(question, MinCostFlow().route(question)) == [1, HOLD]


def test_keeps_away_from_open_breakers_and_from_pools_that_are_too_small() -> None:
    pools = [pool("shut", 9, breaker=Breaker.OPEN), pool("small", 1), pool("wide", 4, 9.0)]
    question = problem([task(slots=3), task(slots=3)], pools)
    assert sorted(validate(question, MinCostFlow().route(question))) == [HOLD, 2]


def test_later_rounds_cost_no_more_for_starting_from_the_last_prices() -> None:
    algorithm = MinCostFlow()
    for number in range(1, 30):
        question = make_round(RoundShape("busy", 120, 6, capacity=20, plain=True), number)
        placed = validate(question, algorithm.route(question))
        assert total(question, placed) == pytest.approx(least(question), abs=1e-6)


def test_orders_tasks_by_urgency() -> None:
    tasks = [task(priority=2), task(priority=8), task(priority=8, enqueued_at=NOW - 5)]
    order = MinCostFlow().route(problem(tasks, [pool("p", 3)])).order
    assert np.asarray(order).tolist() == [2, 1, 0]


class TestSeveralSlots:
    @given(
        sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
        free=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    )
    def test_no_decision_is_better_by_more_than_the_gap_that_it_tells(
        self, sizes: list[int], free: list[int]
    ) -> None:
        tasks = [task(slots=slots, type=f"t{slots}") for slots in sizes]
        pools = [pool(f"p{n}", slots, 5.0 * n * n, capacity=6) for n, slots in enumerate(free)]
        question = problem(tasks, pools)
        decision = MinCostFlow().route(question)
        cost = total(question, validate(question, decision))
        choices = product(range(HOLD, len(pools)), repeat=len(tasks))
        best = min(total(question, list(c)) for c in choices if fits(question, list(c)))
        told = re.search(r"at most ([\d.]+) above", decision.reason or "")
        assert best <= cost + 1e-9
        assert cost <= best + (float(told[1]) * 1.001 if told else 0.0) + 1e-6

    def test_says_nothing_of_a_gap_where_there_is_none(self) -> None:
        question = problem([task(slots=3), task(slots=2)], [pool("a", 5), pool("b", 3, 9.0)])
        decision = MinCostFlow().route(question)
        assert validate(question, decision) == [0, 0]
        assert "at most" not in (decision.reason or "")


def fits(question: RoutingProblem, placed: list[int]) -> bool:
    used = [0] * len(question.pools)
    for row, index in enumerate(placed):
        if index != HOLD:
            used[index] += question.tasks[row].slots
    return all(slots <= view.free for slots, view in zip(used, question.pools, strict=True))


def test_refuses_a_backend_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="'auto' or one of"):
        MinCostFlow(backend="abacus")
