"""The frame of policies that choose a pool for one task at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from trx_algorithms.seats import Seats
from trx_core.routing import HOLD, ByPriority, Decision, Ordering, RoutingProblem

__all__ = ["Spread", "spread"]


class Spread(ABC):
    """Tasks in order, each to a pool that may take it and has room, as the policy chooses.

    A task is held when no such pool has room; it keeps nobody else from a slot.

    Attributes:
        ordering: which task chooses first.
    """

    ordering: Ordering = ByPriority()

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each task."""
        order = self.ordering.order(problem)
        seats = Seats(problem)
        self.begin(problem, seats)
        return Decision(spread(seats, order, self), order=order, propensity=self.odds())

    @abstractmethod
    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """A round begins; ``seats`` follow it to its end."""

    @abstractmethod
    def choose(self, row: int, pools: Sequence[int]) -> int:
        """One of ``pools``, at least one of them, for a task; all may take it and have room."""

    def odds(self) -> Sequence[float] | None:
        """[T] propensities of the round's choices, of a policy that draws."""
        return None


def spread(seats: Seats, order: Sequence[int], policy: Spread) -> list[int]:
    """[T] the pool of each task, or ``HOLD``."""
    placed = [HOLD] * len(seats.slots)
    for row in order:
        if seats.left <= 0:
            break
        pools = seats.open_to(row)
        if pools:
            placed[row] = pool = policy.choose(row, pools)
            seats.take(row, pool)
    return placed
