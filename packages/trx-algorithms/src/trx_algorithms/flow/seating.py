"""From flows of classes back to tasks."""

from __future__ import annotations

import numpy as np

from trx_algorithms.flow.grouping import Grouping
from trx_algorithms.flow.problem import Ints
from trx_algorithms.flow.solution import Solution
from trx_core.routing import HOLD, RoutingProblem

__all__ = ["assign", "excess"]


def assign(problem: RoutingProblem, grouping: Grouping, solution: Solution, order: Ints) -> Ints:
    """[T] the pool of each task, or ``HOLD``.

    Within a class the tasks that are dearest to hold are placed, the most urgent of them at the
    cheapest pool. Tasks of several slots of which a part is at a pool are placed afterwards, one by
    one, where they still fit and cost less than holding them.

    Args:
        problem: T tasks.
        grouping: their classes.
        solution: where the classes go.
        order: [T] the tasks' indices, most urgent first.
    """
    placed = np.full(len(problem.tasks), HOLD, dtype=np.int64)
    urgency = np.empty(len(order), dtype=np.int64)
    urgency[order] = np.arange(len(order))
    tasks = np.lexsort((urgency, -grouping.hold, grouping.kind))
    cost = solution.problem.cost[solution.kind, solution.pool]
    flows = np.lexsort((solution.pool, cost, solution.kind))
    whole = solution.amount[flows] // grouping.slots[solution.kind[flows]]
    kinds = np.repeat(solution.kind[flows], whole)
    nth = np.arange(len(kinds)) - np.searchsorted(kinds, kinds)
    first = np.searchsorted(grouping.kind[tasks], kinds)
    placed[tasks[first + nth]] = np.repeat(solution.pool[flows], whole)
    if not grouping.single:
        _fill(problem, grouping, placed, order)
    return placed


def excess(problem: RoutingProblem, grouping: Grouping, solution: Solution, placed: Ints) -> float:
    """How much more a decision costs than any decision must, by the solution's bound."""
    at = placed != HOLD
    unit = grouping.problem.cost[grouping.kind[at], placed[at]]
    cost = float((unit * problem.slots[at]).sum() + grouping.hold[~at].sum())
    return max(0.0, cost - solution.bound)


def _fill(problem: RoutingProblem, grouping: Grouping, placed: Ints, order: Ints) -> None:
    """Place what is held where it still fits, the most urgent first."""
    at = placed != HOLD
    free = problem.free - np.bincount(placed[at], problem.slots[at], len(problem.pools))
    for row in order[placed[order] == HOLD].tolist():
        if not free.any():
            break
        slots = problem.slots[row]
        cost = np.where(free >= slots, grouping.problem.cost[grouping.kind[row]], np.inf) * slots
        best = int(cost.argmin())
        if cost[best] < grouping.hold[row]:
            placed[row] = best
            free[best] -= slots
