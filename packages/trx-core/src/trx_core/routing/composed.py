"""Policies from parts: which task next, and which pool for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from trx_core.models import Task
from trx_core.routing.decision import HOLD, Decision
from trx_core.routing.problem import RoutingProblem

__all__ = [
    "ByArrival",
    "ByPriority",
    "Composed",
    "LeastCost",
    "LeastLoaded",
    "Ordering",
    "Placement",
    "Urgency",
]


@runtime_checkable
class Ordering(Protocol):
    """Which task next."""

    def order(self, problem: RoutingProblem) -> Sequence[int]:
        """Every index of ``range(T)`` once, the most urgent first."""
        ...


Urgency = Callable[[Task], tuple[float, ...]]
"""Sorts tasks, the most urgent first; different for any two tasks."""


@runtime_checkable
class Placement(Protocol):
    """Which pool for a task."""

    def place(self, problem: RoutingProblem, order: Sequence[int]) -> Sequence[int]:
        """[T] index of the pool per task, or ``HOLD``; whoever comes first in ``order`` chooses
        first. Must keep to ``problem.eligible`` and ``problem.free``.
        """
        ...


class ByArrival:
    """First come, first served."""

    def order(self, problem: RoutingProblem) -> Sequence[int]:
        """The order of arrival."""
        return range(len(problem.tasks))

    def urgency(self, task: Task) -> tuple[float, ...]:
        """When it arrived, then its id."""
        return task.enqueued_at, task.id.int


class ByPriority:
    """The highest priority first; within one, the order of arrival."""

    def order(self, problem: RoutingProblem) -> Sequence[int]:
        """A stable sort by priority. O(T log T)."""
        order: list[int] = np.argsort(-problem.priority, kind="stable").tolist()
        return order

    def urgency(self, task: Task) -> tuple[float, ...]:
        """Its priority, then when it arrived, then its id."""
        return -task.priority, task.enqueued_at, task.id.int


class LeastLoaded:
    """The eligible pool with the most free slots; ties go to the pool listed first."""

    def place(self, problem: RoutingProblem, order: Sequence[int]) -> Sequence[int]:
        """O(T·P)."""
        return _place(problem, order, np.zeros(problem.shape), by_free=True)


class LeastCost:
    """The eligible pool with the least cost by the objective, unless holding is cheaper still."""

    def place(self, problem: RoutingProblem, order: Sequence[int]) -> Sequence[int]:
        """O(T·P)."""
        return _place(problem, order, problem.cost - problem.hold[:, None], by_free=False)


class Composed:
    """An algorithm from an ordering and a placement; each has a default.

    Args:
        ordering: which task next; by default :class:`ByPriority`.
        placement: which pool; by default :class:`LeastCost`.
    """

    def __init__(
        self, ordering: Ordering | None = None, placement: Placement | None = None
    ) -> None:
        self.ordering = ordering or ByPriority()
        self.placement = placement or LeastCost()

    def route(self, problem: RoutingProblem) -> Decision:
        """Order, then place."""
        order = self.ordering.order(problem)
        return Decision(self.placement.place(problem, order), order=order)


def _place(
    problem: RoutingProblem, order: Sequence[int], price: np.ndarray, *, by_free: bool
) -> list[int]:
    placed = [HOLD] * len(problem.tasks)
    free = problem.free.copy()
    slots = problem.slots
    for row in order:
        open_to = problem.eligible[row] & (free >= slots[row])
        if not open_to.any():
            continue
        wanted = -free.astype(float) if by_free else price[row]
        index = int(np.argmin(np.where(open_to, wanted, np.inf)))
        if by_free or price[row, index] <= 0:
            placed[row] = index
            free[index] -= slots[row]
    return placed
