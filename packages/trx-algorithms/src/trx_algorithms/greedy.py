"""The cheapest pool for each task, the most urgent task first."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.routing import HOLD, Decision, RoutingProblem

__all__ = ["Greedy"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK: Final = 128
"""Tasks whose choice is looked up at a time."""

FEW: Final = 64
"""Pairs of a task and a pool up to which arrays cost more than they save."""

SCARCE: Final = 4
"""Free slots that are most often gone before so many pairs have been looked at."""


class Greedy:
    """Tasks in order of urgency, each to the eligible pool with room that costs least.

    The greedy rule for the generalised assignment problem (S. Martello and P. Toth, "Knapsack
    Problems", 1990, section 7.4), with the objective's cost as the measure: urgency is priority,
    then age; ties go to the task that arrived first and the pool listed first. A task is held when
    every eligible pool with room costs more than holding it. Among tasks of one slot nobody can be
    better off but at the expense of a more urgent one (a serial dictatorship is Pareto optimal);
    the sum over all tasks may still be far from least.

    O(T·P + T log T) for the matrix and the order, and O(P) more for each of the next tasks, up to
    128 of them, each time that one finds its pool full. No randomness, no state.

    Use it as the default: it reads price, speed, distance and risk, and takes about as long as the
    cost matrix itself. Do not use it where many tasks compete for a few good pools and the total
    matters more than who is first; or where estimates drift, as it never explores a pool that once
    did badly.
    """

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each task."""
        left = sum(view.free for view in problem.pools)
        if left <= SCARCE or len(problem.tasks) * len(problem.pools) <= FEW:
            decided = _one_by_one(problem, left)
            if decided is not None:
                return decided
        order = np.lexsort((-problem.age, -problem.priority))
        placed = np.full(len(problem.tasks), HOLD, dtype=np.int64)
        free: list[int] = problem.free.tolist()
        worthwhile = problem.eligible & (problem.cost <= problem.hold[:, None])
        price = np.where(worthwhile, problem.cost, np.inf)
        for first in range(0, len(order) if free else 0, BLOCK):
            if not any(free):
                break
            rows = order[first : first + BLOCK]
            placed[rows] = _place(price[rows], problem.slots[rows], free)
        return Decision(placed, order=order)


def _one_by_one(problem: RoutingProblem, left: int) -> Decision | None:
    """The same decision where few tasks have to be looked at; ``None`` if they are not few.

    Args:
        problem: T tasks.
        left: free slots in all.
    """
    now, tasks = problem.now, problem.tasks
    waited = [max(0.0, now - task.enqueued_at) for task in tasks]
    order = sorted(range(len(tasks)), key=lambda row: (-tasks[row].priority, -waited[row]))
    placed = [HOLD] * len(tasks)
    free = [view.free for view in problem.pools]
    pairs = 0
    for row in order:
        if left <= 0:
            break
        pairs += len(free)
        if pairs > FEW:
            return None
        slots = tasks[row].slots
        prices, hold = problem.prices(tasks[row])
        least = inf
        for pool, price in enumerate(prices):
            if price < least and price <= hold and free[pool] >= slots:
                placed[row], least = pool, price
        if placed[row] != HOLD:
            free[placed[row]] -= slots
            left -= slots
    return Decision(placed, order=order)


def _place(price: Floats, slots: Ints, free: list[int]) -> list[int]:
    """The pool of each task, one after the other; takes the slots from ``free``."""
    choice = _cheapest(price, slots, free)
    for i, size in enumerate(slots.tolist()):
        if choice[i] != HOLD and free[choice[i]] < size:
            choice[i:] = _cheapest(price[i:], slots[i:], free)
        if choice[i] != HOLD:
            free[choice[i]] -= size
    return choice


def _cheapest(price: Floats, slots: Ints, free: list[int]) -> list[int]:
    """The pool of least price that has room for each task, ``HOLD`` where there is none."""
    possible = np.where(slots[:, None] <= np.array(free), price, np.inf)
    column = possible.argmin(axis=1)
    least = possible[np.arange(len(column)), column]
    choice: list[int] = np.where(least < np.inf, column, HOLD).tolist()
    return choice
