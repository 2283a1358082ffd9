"""A weight for each thing that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.cheapest import Cheapest
from trx_algorithms.seats import Seats
from trx_core.routing import RoutingProblem

__all__ = ["WeightedScore"]

Floats = NDArray[np.float64]

TERMS: Final[Mapping[str, Callable[[RoutingProblem], Floats]]] = MappingProxyType(
    {
        "money": lambda p: np.outer(p.size, p.cost_per_unit),
        "latency": lambda p: p.latency[p.type_code],
        "region": lambda p: p.region_distance[p.region_code],
        "risk": lambda p: 1.0 - p.success[p.type_code],
        "load": lambda p: np.broadcast_to(p.load / np.maximum(p.capacity, 1), p.shape),
    }
)
"""[T, P] each, the less the better."""


class WeightedScore(Cheapest):
    """Tasks in order of priority, each to the pool whose weighted terms sum to least.

    Simple additive weighting (C.-L. Hwang and K. Yoon, "Multiple Attribute Decision Making", 1981):
    each term is brought to the scale from 0, the least of the round, to 1, the greatest, over all
    placements that are possible, and weighted. Unscaled, the terms are money, seconds, distance,
    probability of failure and share of the slots that were busy when the round began, and the
    first four weights are those of the objective.

    O(T·P). No randomness, no state.

    Use it where what counts is clear and how much is a matter of taste, as on a dashboard with
    sliders. Do not use it where decisions are judged by the service's own objective:
    :class:`~trx_algorithms.greedy.Greedy` minimises that. Scaled terms depend on what else is in
    the round, so that a task may be placed otherwise in other company.

    Args:
        money: weight of what the pool charges, as the other weights not negative.
        latency: of expected seconds of service.
        region: of distance.
        risk: of the probability that the attempt fails.
        load: of the share of the pool's slots that is busy.
        scaled: whether terms are brought to one scale first.

    Raises:
        ValueError: a weight is negative or not finite.
    """

    def __init__(
        self,
        money: float = 1.0,
        latency: float = 1.0,
        region: float = 1.0,
        risk: float = 1.0,
        load: float = 0.0,
        scaled: bool = True,
    ) -> None:
        given = {"money": money, "latency": latency, "region": region, "risk": risk, "load": load}
        wrong = [name for name, weight in given.items() if not (isfinite(weight) and weight >= 0)]
        if wrong:
            raise ValueError(f"weights must not be negative; these are: {', '.join(wrong)}")
        self.weights = {name: weight for name, weight in given.items() if weight}
        self.scaled = scaled

    def price(self, problem: RoutingProblem, seats: Seats) -> Floats:
        """The weighted sum."""
        total = np.zeros(problem.shape)
        for name, weight in self.weights.items():
            term = TERMS[name](problem)
            total += weight * (_scaled(term, problem) if self.scaled else term)
        return total


def _scaled(term: Floats, problem: RoutingProblem) -> Floats:
    if not problem.eligible.any():
        return np.zeros(problem.shape)
    least = term.min(initial=np.inf, where=problem.eligible)
    span = term.max(initial=-np.inf, where=problem.eligible) - least
    above = np.where(problem.eligible, term - least, 0.0)
    return above / span if span > 0 else above
