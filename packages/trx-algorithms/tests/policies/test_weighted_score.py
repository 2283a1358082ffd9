"""A weight for each thing that matters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scene import names_of, pool, problem, task

from trx_algorithms.weighted_score import WeightedScore
from trx_core.routing import Objective, RoutingProblem
from trx_core.testing.strategies import problems

TERMS = ("money", "latency", "region", "risk", "load")
ONLY: dict[str, Any] = dict.fromkeys(TERMS, 0.0)
GOOD: dict[str, dict[str, Any]] = {
    "money": {"cost_per_unit": 0.1},
    "latency": {"latency": 0.5},
    "region": {"region": "us"},
    "risk": {"success": 1.0},
    "load": {"capacity": 2},
}
BAD = {"cost_per_unit": 9.0, "latency": 7.0, "region": "eu", "success": 0.6, "capacity": 50}


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("term", TERMS)
def test_a_term_decides_alone_when_nothing_else_weighs(term: str, scaled: bool) -> None:
    pools = [pool(name, 2, **{**BAD, **fields}) for name, fields in GOOD.items()]
    question = problem([task(region="us")], pools)
    policy = WeightedScore(**{**ONLY, term: 1.0}, scaled=scaled)
    assert names_of(policy, question) == [term]


def test_scaled_terms_do_not_drown_in_each_other_s_units() -> None:
    """A task of a million units: unscaled, money is all that counts."""
    pools = [
        pool("cheap", latency=60.0, cost_per_unit=1.00, success=0.5),
        pool("good", latency=0.1, cost_per_unit=1.01, success=1.0),
        pool("dear", latency=60.0, cost_per_unit=1.02, success=0.5),
    ]
    question = problem([task(cost=1e6)], pools)
    assert names_of(WeightedScore(), question) == ["good"]
    assert names_of(WeightedScore(scaled=False), question) == ["cheap"]


@given(question=problems())
def test_unscaled_with_the_objective_s_weights_the_price_is_its_cost(
    question: RoutingProblem,
) -> None:
    weights = Objective(money=0.5, latency=2.0, region=3.0, risk=4.0)
    policy = WeightedScore(money=0.5, latency=2.0, region=3.0, risk=4.0, scaled=False)
    judged = RoutingProblem(question.tasks, question.pools, now=question.now, objective=weights)
    assert np.allclose(policy.price(judged, None), judged.cost)  # type: ignore[arg-type]
