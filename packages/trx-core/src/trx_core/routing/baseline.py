"""First come, first served: the decision that the engine falls back to."""

from __future__ import annotations

from trx_core.routing.decision import HOLD, Decision
from trx_core.routing.problem import RoutingProblem

__all__ = ["first_come_first_served"]


def first_come_first_served(problem: RoutingProblem) -> Decision:
    """Each task, in order of arrival, to the eligible pool with the most free slots.

    A task that fits nowhere is held, and does not block the ones behind it. O(T·P), stopping as
    soon as no slot is left. Ties go to the pool listed first.
    """
    free = [view.free for view in problem.pools]
    left = sum(free)
    placed = [HOLD] * len(problem.tasks)
    eligible = problem.eligible.tolist()
    for row, task in enumerate(problem.tasks):
        if left <= 0:
            break
        best = HOLD
        for index, allowed in enumerate(eligible[row]):
            if allowed and free[index] >= task.slots and (best == HOLD or free[index] > free[best]):
                best = index
        if best != HOLD:
            placed[row] = best
            free[best] -= task.slots
            left -= task.slots
    return Decision(placed)
