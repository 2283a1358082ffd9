"""Every backend finds the optimum, and proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_algorithms.flow import BACKENDS, Problem, Solution, certify, prepare, solve

EXACT: Final = sorted(BACKENDS)
TINY: Final = 1e-9
"""Of the largest sum that occurs: what rounding may do."""

whole_numbers = st.integers(0, 20).map(float)
fractions = st.floats(0.0, 20.0, allow_nan=False, width=32)


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    for backend in EXACT:
        prepare(backend)


@st.composite
def problems(draw: st.DrawFn, numbers: st.SearchStrategy[float] = whole_numbers) -> Problem:
    """Few classes of few rungs, few pools; some without capacity, some that nobody may go to."""
    kinds, pools = draw(st.integers(0, 8)), draw(st.integers(0, 6))
    costs = st.one_of(numbers, numbers, st.just(np.inf))
    rungs = st.lists(st.tuples(numbers, st.integers(1, 5)), max_size=4)
    ladders = [sorted(draw(rungs)) for _ in range(kinds)]
    return Problem(
        np.array(draw(_lists(costs, kinds * pools)), float).reshape(kinds, pools),
        np.array(draw(_lists(st.integers(0, 9), pools)), int),
        np.cumsum([0, *map(len, ladders)]),
        np.array([price for ladder in ladders for price, _ in ladder], float),
        np.array([amount for ladder in ladders for _, amount in ladder], int),
    )


def _lists(values: st.SearchStrategy[Any], length: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=length, max_size=length)


def by_networkx(problem: Problem) -> int:
    """The optimal cost of a problem in whole numbers."""
    graph: Any = nx.DiGraph()
    graph.add_node("end", demand=int(problem.supply.sum()))
    for kind, units in enumerate(problem.supply.tolist()):
        graph.add_node(("class", kind), demand=-units)
    for kind, pool in zip(*np.nonzero(np.isfinite(problem.cost)), strict=True):
        weight = int(problem.cost[kind, pool])
        graph.add_edge(("class", int(kind)), ("pool", int(pool)), weight=weight)
    for rung, kind in enumerate(problem.rung_class.tolist()):
        on, price, units = ("rung", rung), int(problem.price[rung]), int(problem.amount[rung])
        graph.add_edge(("class", kind), on, capacity=units, weight=price)
        graph.add_edge(on, "end")
    for pool, room in enumerate(problem.capacity.tolist()):
        graph.add_edge(("pool", pool), "end", capacity=room)
    return int(nx.network_simplex(graph)[0])


def tolerance(problem: Problem) -> float:
    most = np.abs(problem.cost[np.isfinite(problem.cost)]).max(initial=1.0)
    return TINY * float(max(most, np.abs(problem.price).max(initial=1.0))) * 100


def check(problem: Problem, solution: Solution) -> None:
    assert abs(certify(solution)) <= tolerance(problem)


@pytest.mark.parametrize("backend", EXACT)
class TestEveryBackend:
    @given(problem=problems())
    def test_finds_the_optimum_that_networkx_finds(self, backend: str, problem: Problem) -> None:
        solution = solve(problem, backend)
        assert certify(solution) == 0
        assert solution.cost == by_networkx(problem)

    @given(problem=problems(fractions))
    def test_is_exact_to_rounding_for_fractions(self, backend: str, problem: Problem) -> None:
        solution = solve(problem, backend)
        check(problem, solution)
        assert solution.cost == pytest.approx(solve(problem, "ortools").cost, abs=1e-6)

    @given(problem=problems(), data=st.data())
    def test_prices_to_start_from_do_not_change_the_optimum(
        self, backend: str, problem: Problem, data: st.DataObject
    ) -> None:
        start = data.draw(_lists(st.floats(-5, 50), problem.shape[1]))
        solution = solve(problem, backend, start)
        check(problem, solution)
        assert solution.cost == by_networkx(problem)

    def test_places_the_units_that_are_dearest_to_hold(self, backend: str) -> None:
        problem = Problem(
            np.array([[2.0]]),
            np.array([3]),
            np.array([0, 3]),
            np.array([1.0, 5.0, 9.0]),
            np.array([4, 2, 2]),
        )
        solution = solve(problem, backend)
        assert (solution.held.tolist(), solution.amount.tolist()) == ([5], [3])
        assert solution.cost == 4 * 1 + 1 * 5 + 3 * 2
        assert 1 <= 2 + solution.prices[0] <= 5

    def test_prices_a_slot_at_what_one_more_would_save(self, backend: str) -> None:
        problem = Problem.of([[1.0, 4.0], [1.0, 6.0]], [1, 5], [100.0, 100.0])
        solution = solve(problem, backend)
        assert solution.cost == 5
        assert 3 <= solution.prices[0] <= 5
        assert solution.prices[1] == 0

    def test_holds_what_may_go_nowhere(self, backend: str) -> None:
        problem = Problem.of(np.full((2, 3), np.inf), [4, 4, 4], [7.0, 8.0], [2, 3])
        solution = solve(problem, backend)
        assert certify(solution) == 0
        assert solution.held.tolist() == [2, 3]


@pytest.mark.parametrize("backend", ["ssp", "simplex", "numpy"])
@pytest.mark.parametrize("supply", ["one each", "many each"])
def test_larger_problems_agree_with_ortools_cold_and_warm(backend: str, supply: str) -> None:
    """Large enough for samples, for pools whose lots are mostly at rest, and for many ties."""
    rng = np.random.default_rng(5)
    kinds, pools = 1500, 9
    cost = rng.integers(0, 300, (kinds, pools)).astype(float)
    cost[rng.random(cost.shape) < 0.2] = np.inf
    units = np.ones(kinds, int) if supply == "one each" else rng.integers(0, 40, kinds)
    capacity = rng.multinomial(int(0.7 * units.sum()), np.full(pools, 1 / pools))
    problem = Problem.of(cost, capacity, rng.integers(50, 400, kinds), units)
    cold = solve(problem, backend)
    warm = solve(problem, backend, cold.prices)
    lost = solve(problem, backend, rng.random(pools) * 1000)
    assert [certify(one) for one in (cold, warm, lost)] == [0, 0, 0]
    assert cold.cost == warm.cost == lost.cost == solve(problem, "ortools").cost


class TestCertify:
    @pytest.fixture
    def solution(self) -> Solution:
        return solve(Problem.of([[1.0, 5.0], [2.0, np.inf]], [1, 1], [9.0, 9.0]), "numpy")

    def test_tells_by_how_much_a_worse_flow_costs_more(self, solution: Solution) -> None:
        nothing = np.empty(0, int)
        held = replace(solution, kind=nothing, pool=nothing, amount=nothing, held=np.array([1, 1]))
        assert certify(held) == 18 - solution.cost

    def test_wrong_prices_prove_less(self, solution: Solution) -> None:
        assert certify(solution) == 0
        assert certify(replace(solution, prices=solution.prices + 90.0)) > 0

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda s: {"held": s.held + 1}, "not what there is"),
            (lambda s: {"amount": s.amount * 0}, "less than 1"),
            (lambda s: {"pool": s.pool * 0}, "more than its capacity"),
            (lambda s: {"pool": 1 - s.pool}, "may not go to"),
            (lambda s: {"prices": s.prices - 99.0}, "not negative"),
        ],
    )
    def test_refuses_what_is_no_solution(
        self, solution: Solution, change: Callable[[Solution], dict[str, Any]], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            certify(replace(solution, **change(solution)))


class TestRefusals:
    def test_names_the_backends_there_are(self) -> None:
        with pytest.raises(ValueError, match="'auto' or one of ssp, simplex"):
            solve(Problem.of([[1.0]], [1], [1.0]), "abacus")

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"cost": [[np.nan]]}, "costs are finite"),
            ({"cost": [[-np.inf]]}, "costs are finite"),
            ({"cost": [[1.0, 2.0]]}, r"capacity \[P\]"),
            ({"capacity": [-1]}, "0 or more"),
            ({"hold": [np.inf]}, "prices are finite"),
        ],
    )
    def test_refuses_what_is_no_problem(self, fields: dict[str, Any], message: str) -> None:
        sound: dict[str, Any] = {"cost": [[1.0]], "capacity": [1], "hold": [1.0]}
        with pytest.raises(ValueError, match=message):
            Problem.of(**{**sound, **fields})

    def test_refuses_rungs_that_fall(self) -> None:
        with pytest.raises(ValueError, match="do not fall"):
            Problem(
                np.ones((1, 1)),
                np.ones(1, int),
                np.array([0, 2]),
                np.array([2.0, 1]),
                np.ones(2, int),
            )
