"""The policy: money counts for more, the further the spending is ahead of the budget."""

from __future__ import annotations

import numpy as np

from acme_router.budget import Budget
from trx_core.routing import HOLD, ByPriority, Decision, RoutingProblem

__all__ = ["BudgetRouter"]


class BudgetRouter:
    """Keeps what is spent per hour to a budget, at the least cost by the objective.

    Drift-plus-penalty (M. Neely, "Stochastic Network Optimization with Application to
    Communication and Queueing Systems", 2010, chapter 4): what has been spent beyond the budget is
    a queue of its own, and its length is the price of spending more. A round places the most urgent
    task first, on the pool with the least of::

        objective's cost + (owed / tolerance) * money

    so that spending settles at the budget wherever there are pools cheap enough for it. A task is
    never held for want of money, and an urgent one does not look at the price.

    O(T·P) in numpy, a row at a time. Every object keeps its own account: of several runners, give
    each its share of the budget.

    Args:
        per_hour: money that may be spent in an hour, above 0.
        tolerance: money owed at which the weight of money has risen by 1, above 0; by default a
            thousandth of ``per_hour``. Less keeps closer to the budget, and more to the objective.
        urgent: priority from which a task does not look at the price, 1 to 11; 11: none.

    Raises:
        ValueError: a parameter is out of range.
    """

    def __init__(
        self, per_hour: float = 45_000.0, *, tolerance: float | None = None, urgent: int = 9
    ) -> None:
        if not per_hour > 0:
            raise ValueError("per_hour must be above 0")
        if tolerance is not None and not tolerance > 0:
            raise ValueError("tolerance must be above 0")
        if not 1 <= urgent <= 11:
            raise ValueError("urgent must be from 1 to 11")
        self._budget = Budget(per_hour)
        self._tolerance = per_hour / 1000.0 if tolerance is None else tolerance
        self._urgent = urgent
        self._ordering = ByPriority()

    def route(self, problem: RoutingProblem) -> Decision:
        """Decide one round."""
        self._budget.advance(problem.now)
        weight = self._budget.owed / self._tolerance
        money = np.outer(problem.size, problem.cost_per_unit)
        heedful = problem.priority < self._urgent
        cost = problem.cost + weight * money * heedful[:, None]
        order = self._ordering.order(problem)
        free = problem.free.copy()
        placed = [HOLD] * len(problem.tasks)
        for row in order:
            fits = problem.eligible[row] & (free >= problem.slots[row])
            if not fits.any():
                continue
            pool = int(np.argmin(np.where(fits, cost[row], np.inf)))
            placed[row] = pool
            free[pool] -= problem.slots[row]
            self._budget.spend(float(money[row, pool]))
        return Decision(placed, order=order, reason=f"the weight of money is up by {weight:.2f}")
