"""The policies that come with the SDK: what each promises, on rounds of every kind."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from kernel_bench import pool, task

from trx_core.models import Task
from trx_core.routing import (
    HOLD,
    Breaker,
    ByArrival,
    ByPriority,
    Choice,
    Composed,
    ContractViolation,
    Decision,
    LeastCost,
    LeastLoaded,
    Objective,
    PlainRule,
    PoolState,
    PoolView,
    RoutingProblem,
    ScoreAlgorithm,
    Turn,
    first_come_first_served,
    plain_rule,
    urgency_of,
    validate,
)
from trx_core.testing import strategies


class Cheapest(ScoreAlgorithm):
    def score(self, task: Task, pool: PoolState) -> float:
        return -task.cost * pool.cost_per_unit


class Watcher(ScoreAlgorithm):
    """Scores as it is told, and keeps what it was asked."""

    ordering = ByArrival()

    def __init__(self, score: float = 0.0) -> None:
        self.asked: list[tuple[Task, str, int, int]] = []
        self._score = score

    def score(self, task: Task, pool: PoolState) -> float:
        self.asked.append((task, pool.name, pool.free, pool.load))
        return self._score


POLICIES: dict[str, Callable[[RoutingProblem], Decision]] = {
    "first_come_first_served": first_come_first_served,
    "by_priority_least_cost": Composed().route,
    "by_arrival_least_cost": Composed(ByArrival(), LeastCost()).route,
    "by_arrival_least_loaded": Composed(ByArrival(), LeastLoaded()).route,
    "by_priority_least_loaded": Composed(ByPriority(), LeastLoaded()).route,
    "scored": Cheapest().route,
}
WILLING = {"first_come_first_served", "by_arrival_least_loaded", "scored"}
"""Those that place whatever fits somewhere."""


def view(name: str, free: int, **more: Any) -> PoolView:
    latency = more.pop("latency", 1.0)
    return PoolView(
        pool(name, **({"capacity": 9} | more)), free, Breaker.CLOSED, lambda _: latency, lambda _: 1
    )


def of(tasks: list[Task], pools: list[PoolView], **weights: float) -> RoutingProblem:
    return RoutingProblem(tasks, pools, now=0.0, objective=Objective(**weights))


@settings(max_examples=60, deadline=None)
@given(problem=strategies.problems())
def test_every_policy_keeps_the_contract(problem: RoutingProblem) -> None:
    placed = {name: validate(problem, route(problem)) for name, route in POLICIES.items()}
    assert placed["first_come_first_served"] == placed["by_arrival_least_loaded"]
    for name in WILLING:
        held = [row for row, index in enumerate(placed[name]) if index == HOLD]
        left = problem.free.tolist()
        for one, index in zip(problem.tasks, placed[name], strict=True):
            if index != HOLD:
                left[index] -= one.slots
        for row in held:
            fits = (problem.slots[row] <= left) & problem.eligible[row]
            assert not fits.any(), f"{name} held what fits"


class TestFirstComeFirstServed:
    def test_goes_to_the_pool_with_the_most_free_slots_as_they_shrink(self) -> None:
        problem = of([task() for _ in range(5)], [view("a", 2), view("b", 4)])
        assert first_come_first_served(problem).pool == [1, 1, 0, 1, 0]

    def test_ties_go_to_the_pool_listed_first(self) -> None:
        problem = of([task()], [view("a", 1), view("b", 2), view("c", 2)])
        assert first_come_first_served(problem).pool == [1]

    def test_the_first_gets_the_last_slot_whatever_the_priorities(self) -> None:
        problem = of([task(priority=1), task(priority=10)], [view("a", 1)])
        assert first_come_first_served(problem).pool == [0, HOLD]

    def test_what_fits_nowhere_does_not_block_those_behind_it(self) -> None:
        problem = of([task(slots=3), task(resource_type="gpu"), task()], [view("a", 2)])
        assert first_come_first_served(problem).pool == [HOLD, HOLD, 0]

    def test_looks_at_no_price(self) -> None:
        problem = of([task(cost=9.0)], [view("a", 1, cost_per_unit=0.0), view("b", 2)], hold=0)
        assert first_come_first_served(problem).pool == [1]


class TestComposed:
    def test_the_urgent_choose_first_and_equals_in_order_of_arrival(self) -> None:
        tasks = [task(priority=p) for p in (5, 9, 5, 9)]
        decision = Composed(placement=LeastLoaded()).route(of(tasks, [view("a", 3)]))
        assert list(decision.order or ()) == [1, 3, 0, 2]
        assert decision.pool == [0, 0, HOLD, 0]

    def test_the_cheapest_pool_with_room(self) -> None:
        pools = [view("dear", 5, cost_per_unit=3), view("cheap", 1), view("equal", 1)]
        assert Composed(ByArrival()).route(of([task()] * 3, pools)).pool == [1, 2, 0]

    @pytest.mark.parametrize(
        ("hold", "placed"), [(0.99, HOLD), (1.0, 1), (1.01, 1)], ids=["less", "equal", "more"]
    )
    def test_holds_only_if_that_is_cheaper_still(self, hold: float, placed: int) -> None:
        pools = [view("best", 0, cost_per_unit=0), view("next", 1, cost_per_unit=1)]
        problem = of([task()], pools, hold=hold, wait=0)
        assert problem.cost.tolist() == [[1.0, 2.0]]
        assert Composed().route(problem).pool == [placed]

    def test_where_nothing_costs_anything_tasks_are_placed_all_the_same(self) -> None:
        free = dict.fromkeys(Objective.model_fields, 0.0)
        assert Composed().route(of([task(), task()], [view("a", 1)], **free)).pool == [0, HOLD]


class TestScoreAlgorithm:
    def test_the_highest_score_wins_and_ties_go_to_the_pool_listed_first(self) -> None:
        pools = [view("dear", 5, cost_per_unit=3), view("cheap", 1), view("equal", 1)]
        assert Cheapest().route(of([task()] * 3, pools)).pool == [1, 2, 0]

    def test_is_asked_only_of_pools_that_can_take_the_task_now(self) -> None:
        one, two = task(slots=2), task(resource_type="gpu")
        watcher = Watcher()
        pools = [view("small", 1), view("cpu", 3), view("gpu", 1, resource_type="gpu")]
        assert watcher.route(of([one, two], pools)).pool == [1, 2]
        assert watcher.asked == [(one, "cpu", 3, 6), (two, "gpu", 1, 8)]

    def test_sees_what_the_round_has_placed_so_far(self) -> None:
        watcher = Watcher()
        watcher.route(of([task(), task(slots=2)], [view("a", 4)]))
        assert [(free, load) for _, _, free, load in watcher.asked] == [(4, 5), (3, 6)]

    def test_a_pool_that_is_refused_by_score_is_not_taken(self) -> None:
        assert Watcher(-inf).route(of([task()], [view("a", 4)])).pool == [HOLD]

    def test_the_urgent_choose_first_by_default(self) -> None:
        decision = Cheapest().route(of([task(priority=1), task(priority=2)], [view("a", 1)]))
        assert decision.pool == [HOLD, 0]
        assert decision.order == [1, 0]

    def test_a_pools_estimates_can_be_asked_for(self) -> None:
        state = PoolState(view("a", 2, latency=7.0, cost_per_unit=0.5))
        assert (state.latency(task()), state.success(task())) == (7.0, 1)
        assert (state.region, state.resource_type, state.cost_per_unit) == ("eu", "cpu", 0.5)
        assert (state.capacity, state.breaker) == (9, Breaker.CLOSED)

    @pytest.mark.parametrize("name", ["free", "cost_per_unit", "pool", "new"])
    def test_a_policy_cannot_change_what_it_looks_at(self, name: str) -> None:
        state = PoolState(view("a", 2))
        with pytest.raises(AttributeError, match=f"'{name}' cannot be set"):
            setattr(state, name, 10**6)
        with pytest.raises(AttributeError, match="cannot be deleted"):
            delattr(state, name)
        assert (state.free, state.cost_per_unit) == (2, view("a", 2).pool.cost_per_unit)


NAN = float("nan")
SCORES: list[tuple[Any, str]] = [
    (NAN, "NaN"),
    (np.float64(NAN), "NaN"),
    (np.float32(NAN), "of type float32"),
    (None, "of type NoneType"),
    ("0.5", "of type str"),
    (1j, "of type complex"),
    (np.array([3.0]), "of type ndarray"),
    (np.array([NAN]), "of type ndarray"),
    (np.array([1.0, 2.0]), "of type ndarray"),
    (np.array([]), "of type ndarray"),
]


@pytest.mark.parametrize(("score", "told"), SCORES, ids=repr)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_score_that_is_no_number_breaks_the_contract(score: Any, told: str, place: int) -> None:
    class Odd(ScoreAlgorithm):
        def score(self, task: Task, pool: PoolState) -> Any:
            return score if pool.name == "abc"[place] else (2.0, 1.0, 0.0)["abc".index(pool.name)]

    problem = RoutingProblem([task()], [view(name, 1) for name in "abc"], now=0.0)
    with pytest.raises(ContractViolation, match=rf"^TRX-P107: .*'{'abc'[place]}' is {told}"):
        Odd().route(problem)


@pytest.mark.parametrize("score", [1, 1.0, True, np.int64(1), np.float32(1.0), Fraction(1, 3), inf])
def test_a_number_of_any_kind_is_a_score(score: Any) -> None:
    problem = RoutingProblem([task()], [view("a", 1)], now=0.0)
    assert Watcher(score).route(problem).pool == [0]


class Backwards(ByPriority):
    """An ordering of somebody else's."""

    def urgency(self, task: Task) -> tuple[float, ...]:
        raise RuntimeError("broken")


def test_a_line_is_kept_sorted_by_orderings_of_ours_alone() -> None:
    class Late(Cheapest):
        ordering = Backwards()

    class Own(Cheapest):
        def route(self, problem: RoutingProblem) -> Decision:
            return super().route(problem)

    replaced = Cheapest()
    replaced.best = lambda task, pools: None  # type: ignore[method-assign]
    assert urgency_of(Cheapest()) is not None
    assert [urgency_of(one) for one in (Late(), Own(), replaced, object())] == [None] * 4


class TestPlainRule:
    RULE = PlainRule(Turn.ARRIVAL, Choice.MOST_FREE)

    def test_belongs_to_the_route_beside_which_it_stands(self) -> None:
        class Plain(Composed):
            plain_rule = TestPlainRule.RULE

            def route(self, problem: RoutingProblem) -> Decision:
                return super().route(problem)

        class Other(Plain):
            def route(self, problem: RoutingProblem) -> Decision:
                return Decision([HOLD] * len(problem.tasks))

        assert plain_rule(Plain()) == self.RULE
        assert plain_rule(Other()) is None

    @pytest.mark.parametrize("raises", [True, False])
    def test_what_cannot_be_told_is_no_rule(self, raises: bool) -> None:
        class Odd(Composed):
            def route(self, problem: RoutingProblem) -> Decision:
                return super().route(problem)

            @property
            def plain_rule(self) -> object:
                if raises:
                    raise RuntimeError("broken")
                return "most free"

        assert plain_rule(Odd()) is None
