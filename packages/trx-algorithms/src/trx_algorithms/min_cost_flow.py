"""The cheapest round as a whole."""

from __future__ import annotations

from math import inf
from typing import Final
from uuid import UUID

import numpy as np

from trx_algorithms.flow import Solution, check_backend, prepare, solve
from trx_algorithms.flow.grouping import group
from trx_algorithms.flow.seating import assign, excess
from trx_core.routing import HOLD, Decision, RoutingProblem

__all__ = ["MinCostFlow"]

NAMED: Final = 3
"""Congested pools that a reason names."""

FREE: Final = "no pool is congested"
"""The reason of a decision that nobody had to give way in."""

NOTHING: Final = 1e-9
"""What rounding may leave of a price or a gap of 0."""


class MinCostFlow:
    """The decision whose sum of placing and holding costs is least.

    A round is a transportation problem with hold arcs (R. Ahuja, T. Magnanti and J. Orlin, "Network
    Flows", 1993, chapters 9 to 11): tasks are supply, free slots demand, and what is not placed is
    held at its price. Tasks that cost the same everywhere (type, region, resource type, size and
    slots are equal) make one class, however much their prices of holding differ. Where all tasks
    need one slot the decision is optimal, and the prices of slots that come with it prove it.

    Tasks of several slots make the problem a generalised assignment problem, which is NP-hard: it
    is solved with tasks that may be split (its linear relaxation), whole tasks go where most of
    them went, and what is left goes, the most urgent first, where it still fits, or is held. The
    reason then tells how far the decision may be from the optimum.

    Prices are kept from round to round, by pool: the next round starts from them, and the decision
    names those that are congested. They make no decision better or worse, but may choose between
    equally good ones.

    O(K·P) for the costs of K classes on P pools, and in practice some ten times that to solve.
    State: a price for each pool; no randomness.

    Use it where many tasks compete for few good pools and the total counts: then a task goes second
    best where that saves more elsewhere. Do not use it where the urgent must never wait for the sum
    (:class:`~trx_algorithms.greedy.Greedy` serves them first), nor where estimates drift.

    Args:
        backend: who solves it: ``auto``, or one of :data:`trx_algorithms.flow.BACKENDS`. ``auto``
            is some ten times faster where ``trx-algorithms[fast]`` is installed.

    Raises:
        ValueError: there is no such backend, or what it needs is not installed.
    """

    def __init__(self, backend: str = "auto") -> None:
        check_backend(backend)
        prepare(backend)
        self.backend = backend
        self._prices: dict[UUID, float] = {}

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each task."""
        if len(problem.tasks) == 1:
            return self._alone(problem)
        order = np.lexsort((-problem.age, -problem.priority))
        grouping = group(problem)
        known = [self._prices.get(view.pool.id, 0.0) for view in problem.pools]
        solution = solve(grouping.problem, self.backend, known if any(known) else None)
        self._remember(problem, solution)
        placed = assign(problem, grouping, solution, order)
        gap = 0.0 if grouping.single else excess(problem, grouping, solution, placed)
        return Decision(placed, order=order, reason=_reason(problem, solution, gap))

    def _alone(self, problem: RoutingProblem) -> Decision:
        """Place or hold the only task, who pays nobody for a slot."""
        (task,) = problem.tasks
        prices, hold = problem.prices(task)
        best, least = HOLD, inf
        for pool, view in enumerate(problem.pools):
            if view.free > 0:
                self._prices[view.pool.id] = 0.0
                if prices[pool] < least and prices[pool] <= hold and task.slots <= view.free:
                    best, least = pool, prices[pool]
        return Decision([best], reason=FREE)

    def _remember(self, problem: RoutingProblem, solution: Solution) -> None:
        """Keep the prices of the pools that had a slot to sell; the others keep their last."""
        for view, price in zip(problem.pools, solution.prices.tolist(), strict=True):
            if view.free > 0:
                self._prices[view.pool.id] = price


def _reason(problem: RoutingProblem, solution: Solution, gap: float) -> str:
    by_price = np.argsort(-solution.prices, kind="stable")
    congested = by_price[solution.prices[by_price] > NOTHING].tolist()
    names = [view.pool.name for view in problem.pools]
    parts = [f"{names[p]} is congested: shadow price {solution.prices[p]:.4g}" for p in congested]
    if len(parts) > NAMED:
        parts[NAMED:] = [f"{len(parts) - NAMED} more are congested"]
    if gap > NOTHING:
        share = f", {gap / solution.bound:.2%} of it" if solution.bound > 0 else ""
        parts.append(f"tasks of several slots: at most {gap:.4g} above the least cost{share}")
    return "; ".join(parts) or FREE
