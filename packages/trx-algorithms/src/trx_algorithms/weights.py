"""Weights of pools: what a policy takes for equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Final, TypeAlias

from trx_core.routing import PoolView, RoutingProblem

__all__ = ["PoolWeights", "check_weights", "weights_of"]

PoolWeights: TypeAlias = str | Mapping[str, float]
"""``equal``, ``capacity``, or pool → weight, where a pool that is not named weighs 1."""

NAMED: Final[Mapping[str, Callable[[PoolView], float]]] = MappingProxyType(
    {"equal": lambda _: 1.0, "capacity": lambda view: float(max(view.pool.capacity, 1))}
)


def check_weights(weights: PoolWeights) -> PoolWeights:
    """The same weights.

    Raises:
        ValueError: they are no weights, or one is not a finite number above 0.
    """
    if isinstance(weights, str):
        if weights not in NAMED:
            raise ValueError(f"weights must be {' or '.join(NAMED)} or a mapping, not {weights!r}")
        return weights
    wrong = [name for name, value in weights.items() if not (isfinite(value) and value > 0)]
    if wrong:
        raise ValueError(f"weights must be above 0; these are not: {', '.join(wrong)}")
    return dict(weights)


def weights_of(problem: RoutingProblem, weights: PoolWeights) -> list[float]:
    """[P] the weight of each pool."""
    if isinstance(weights, str):
        return [NAMED[weights](view) for view in problem.pools]
    return [weights.get(view.pool.name, 1.0) for view in problem.pools]
