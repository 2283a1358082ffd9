"""What a solver answers, and how it is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from trx_algorithms.flow.problem import Floats, Ints, Problem

__all__ = ["Solution", "certify"]

CHUNK: Final = 1 << 18
"""Costs looked at at a time."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Where everything goes, and prices that prove how good that is.

    Attributes:
        problem: what was asked.
        kind: [F] class of each flow.
        pool: [F] pool of each flow.
        amount: [F] units of each flow, from 1; a class and a pool occur together once.
        held: [K] units held of each class.
        prices: [P] price of a slot of each pool, not negative: what one slot more would save.
        backend: who solved it.
    """

    problem: Problem
    kind: Ints
    pool: Ints
    amount: Ints
    held: Ints
    prices: Floats
    backend: str

    @cached_property
    def cost(self) -> float:
        """Of the flows and of what is held."""
        problem = self.problem
        moved = float((problem.cost[self.kind, self.pool] * self.amount).sum())
        units = np.clip(self.held[problem.rung_class] - problem.below, 0, problem.amount)
        return moved + float((problem.price * units).sum())

    @cached_property
    def potentials(self) -> Floats:
        """[K] what a unit costs at its best pool by the prices; it is held where that is dearer."""
        return np.concatenate([np.empty(0), *_potentials(self.problem, self.prices)])

    @cached_property
    def bound(self) -> float:
        """What any solution costs at least: the value of the dual problem at the prices."""
        problem = self.problem
        each = np.minimum(problem.price, self.potentials[problem.rung_class])
        return float((each * problem.amount).sum() - (self.prices * problem.capacity).sum())

    @cached_property
    def gap(self) -> float:
        """``cost - bound``: how much better another solution can be at most."""
        return self.cost - self.bound


def certify(solution: Solution) -> float:
    """Check a solution from scratch, in O(K·P) time and little memory.

    The gap is the sum of all breaches of complementary slackness: units whose place costs more, by
    the prices, than their best one, and unfilled slots that have a price. Where it is 0, but for
    rounding, both the flow and the prices are optimal.

    Returns:
        The gap: cost minus the bound that the prices prove.

    Raises:
        ValueError: it is no solution: units are lost or too many, a pool is over-filled, a class is
            where it may not go, or a price is negative.
    """
    problem = solution.problem
    kinds, pools = problem.shape
    placed = np.bincount(solution.kind, solution.amount, kinds)
    filled = np.bincount(solution.pool, solution.amount, pools)
    if np.any(solution.amount < 1) or np.any(solution.held < 0):
        raise ValueError("a flow is less than 1, or less than nothing is held")
    if np.any(placed + solution.held != problem.supply):
        raise ValueError("what is placed and what is held is not what there is")
    if np.any(filled > problem.capacity):
        raise ValueError("a pool has more than its capacity")
    if not np.isfinite(problem.cost[solution.kind, solution.pool]).all():
        raise ValueError("a class is at a pool that it may not go to")
    if not np.all((solution.prices >= 0) & np.isfinite(solution.prices)):
        raise ValueError("prices are finite and not negative")
    return solution.gap


def _potentials(problem: Problem, prices: Floats) -> Iterator[Floats]:
    kinds, pools = problem.shape
    step = max(1, CHUNK // max(pools, 1))
    for first in range(0, kinds, step):
        yield (problem.cost[first : first + step] + prices).min(axis=1, initial=np.inf)
