"""Rounds of few tasks are decided without arrays, and no differently."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings

from trx_algorithms import greedy, min_cost_flow
from trx_algorithms.flow import solve
from trx_algorithms.flow.grouping import group
from trx_core.routing import HOLD, RoutingProblem, validate
from trx_core.testing.strategies import problems


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problems())
def test_greedy_places_one_by_one_as_it_does_by_arrays(
    monkeypatch: pytest.MonkeyPatch, problem: RoutingProblem
) -> None:
    found = []
    for few, scarce in ((-1, -1), (2, 10**9), (10**9, 0)):
        monkeypatch.setattr(greedy, "FEW", few)
        monkeypatch.setattr(greedy, "SCARCE", scarce)
        decision = greedy.Greedy().route(problem)
        assert decision.order is not None
        found.append((list(decision.pool), list(decision.order)))
    assert found[0] == found[1] == found[2]


def worth(problem: RoutingProblem, placed: Sequence[int]) -> float:
    """What a decision of one task costs."""
    prices, hold = problem.prices(problem.tasks[0])
    return hold if placed[0] == HOLD else prices[placed[0]]


@given(problems())
def test_the_only_task_of_a_round_flows_where_the_solver_would_have_it(
    problem: RoutingProblem,
) -> None:
    for task in problem.tasks:
        alone = problem.of([task])
        decision = min_cost_flow.MinCostFlow().route(alone)
        placed = validate(alone, decision)
        if task.slots == 1:
            bound = solve(group(alone).problem, "auto").bound
            assert worth(alone, placed) == pytest.approx(bound, abs=1e-9)
        fitting = [v.free >= task.slots for v in alone.pools]
        prices, hold = alone.prices(task)
        best = min((p for p, fits in zip(prices, fitting, strict=True) if fits), default=hold)
        assert worth(alone, placed) == min(best, hold)
