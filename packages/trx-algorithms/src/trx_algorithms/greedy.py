"""The cheapest pool for each task, the most urgent task first."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trx_core.routing import HOLD, Decision, RoutingProblem

__all__ = ["Greedy"]


class Greedy:
    """Tasks in order of urgency, each to the eligible pool with room that costs least.

    The greedy rule for the generalised assignment problem (S. Martello and P. Toth, "Knapsack
    Problems", 1990, section 7.4), with the objective's cost as the measure: urgency is priority,
    then age; ties go to the task that arrived first and the pool listed first. A task is held when
    every eligible pool with room costs more than holding it. Among tasks of one slot nobody can be
    better off but at the expense of a more urgent one (a serial dictatorship is Pareto optimal);
    the sum over all tasks may still be far from least.

    O(T·P + T log T) for the matrix and the order, and O(T) more each time that a pool becomes too
    full for one of the S sizes (slots) of task, which is at most P·S times. No randomness, no
    state.

    Use it as the default: it reads price, speed, distance and risk, and takes about as long as the
    cost matrix itself. Do not use it where many tasks compete for a few good pools and the total
    matters more than who is first; or where estimates drift, as it never explores a pool that once
    did badly.
    """

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each task."""
        order = np.lexsort((-problem.age, -problem.priority))
        placed = np.full(len(problem.tasks), HOLD, dtype=np.int64)
        if problem.pools:
            _Board(problem).fill(order, placed)
        return Decision(placed, order=order)


class _Board:
    """The cheapest pool that still has room, for every task that is not yet placed."""

    def __init__(self, problem: RoutingProblem) -> None:
        self._slots = problem.slots
        self._sizes: list[int] = np.unique(problem.slots).tolist()
        self._free: list[int] = problem.free.tolist()
        worthwhile = problem.eligible & (problem.cost <= problem.hold[:, None])
        fits = problem.slots[:, None] <= problem.free
        self._price = np.where(worthwhile & fits, problem.cost, np.inf)
        self._choice = _cheapest(self._price)

    def fill(self, order: NDArray[Any], placed: NDArray[np.int64]) -> None:
        """Write the pool of each task that gets one into ``placed``."""
        hopeful = order[self._choice[order] != HOLD]
        for row, size in zip(hopeful.tolist(), self._slots[hopeful].tolist(), strict=True):
            pool = int(self._choice[row])
            if pool == HOLD:
                continue
            placed[row] = pool
            self._choice[row] = HOLD
            self._take(pool, size)

    def _take(self, pool: int, size: int) -> None:
        before = self._free[pool]
        after = self._free[pool] = before - size
        if bisect_right(self._sizes, after) < bisect_right(self._sizes, before):
            self._shut(pool, after)

    def _shut(self, pool: int, free: int) -> None:
        rows = np.flatnonzero(self._slots > free)
        self._price[rows, pool] = np.inf
        again = rows[self._choice[rows] == pool]
        self._choice[again] = _cheapest(self._price[again])


def _cheapest(price: NDArray[np.float64]) -> NDArray[np.int64]:
    """[T] the column of each row's least price, ``HOLD`` where every price is infinite."""
    column = price.argmin(axis=1)
    least = np.take_along_axis(price, column[:, None], axis=1)[:, 0]
    return np.where(np.isfinite(least), column, HOLD)
