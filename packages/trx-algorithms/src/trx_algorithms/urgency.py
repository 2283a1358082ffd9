"""Policies that say which task next: the oldest for its rank, the first due, the shortest."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.cheapest import Cheapest
from trx_algorithms.orderings import ByLeast, aged_priority, deadline, shortest
from trx_algorithms.reserving import Reserving
from trx_algorithms.seats import Seats
from trx_core.routing import RoutingProblem

__all__ = ["EarliestDeadlineFirst", "PriorityAging", "ShortestJobFirst"]

Floats = NDArray[np.float64]


class PriorityAging(Reserving):
    """The highest priority first, where waiting raises it, each to the cheapest pool.

    Delay-dependent priorities (L. Kleinrock, "A delay dependent queue discipline", Naval Res.
    Logist. Q. 11, 1964): tasks go by ``priority + rate · age``. A task of priority 1 overtakes
    those of priority 10 that come ``9 / rate`` seconds later; so nothing starves, and at
    ``rate=0`` it is plain priority. With ``blocking``, as
    :class:`~trx_algorithms.reserving.Reserving` has it, neither does a task of many slots: once it
    is first, the slots that it waits for are kept for it. It may be passed over without.

    O(T·P + T log T). No randomness, no state.

    Use it where priorities are to count and nobody may wait for ever. Do not use it where a
    priority is a promise: with any ``rate`` an old trifle goes before what is urgent.

    Args:
        rate: steps of priority that a second of waiting is worth, at least 0.
        backfill: ``none``; ``easy``: later tasks use kept slots where they do not delay the head;
            ``easy-strict``: only those that end before the head could start.
        blocking: whether a task that does not fit keeps others from the slots that it waits for.

    Raises:
        ValueError: ``rate`` is negative, or as :class:`~trx_algorithms.reserving.Reserving` says.
    """

    def __init__(self, rate: float = 0.05, backfill: str = "none", blocking: bool = True) -> None:
        if not (isfinite(rate) and rate >= 0):
            raise ValueError(f"rate must be at least 0, not {rate}")
        order = ByLeast(aged_priority(rate))
        super().__init__(order, backfill=backfill, blocking=blocking, keeps_head=False)
        self.rate = rate


class EarliestDeadlineFirst(Cheapest):
    """The earliest deadline first, each to the cheapest pool that is expected to meet it.

    Earliest deadline first (J. R. Jackson, "Scheduling a production line to minimize maximum
    tardiness", 1955; C. L. Liu and J. W. Layland, JACM 20, 1973): on one server it meets every
    deadline that can be met. Tasks without a deadline come last. Where no pool with room is
    expected to be in time, the task goes to the fastest.

    In overload plain EDF spends itself on tasks that are late already and makes the next ones late
    too; with ``hopeless_last`` tasks that no pool can finish in time any more go behind those that
    can still be met. They run all the same, when there is room.

    O(T·P + T log T). No randomness, no state.

    Use it where results lose their worth at a known time. Do not use it where most tasks have no
    deadline, or priorities matter more: it does not look at them.

    Args:
        hopeless_last: see above.
    """

    def __init__(self, hopeless_last: bool = True) -> None:
        self.hopeless_last = hopeless_last
        self.ordering = ByLeast(_still_possible if hopeless_last else deadline)

    def price(self, problem: RoutingProblem, seats: Seats) -> Floats:
        """The objective's cost, and more than any of it where the task would be late."""
        latency = problem.latency[problem.type_code]
        late = problem.now + latency > problem.deadline[:, None]
        dear = problem.cost.max(initial=0.0) + 1.0
        return np.where(late, dear + latency, problem.cost)


class ShortestJobFirst(Cheapest):
    """The shortest expected service first, each to the cheapest pool.

    Shortest job first (W. E. Smith, "Various optimizers for single-stage production", Naval Res.
    Logist. Q. 3, 1956): no order that does not interrupt has a lower mean wait. How long a task
    takes is what its caller expects, or else what the fastest pool is expected to take for its
    type. Tasks that have waited ``max_wait`` seconds go first of all, in order of arrival.

    O(T·P + T log T). No randomness, no state.

    Use it for tasks of one slot whose lengths differ widely and are known; for tasks of several
    slots, :class:`~trx_algorithms.parallel_jobs.Sjf` keeps slots for the next in line. Do not use
    it without ``max_wait`` where long tasks must run some day under load.

    Args:
        max_wait: seconds, above 0; ``None``: length alone counts.

    Raises:
        ValueError: ``max_wait`` is not above 0.
    """

    def __init__(self, max_wait: float | None = None) -> None:
        if max_wait is not None and not max_wait > 0:
            raise ValueError(f"max_wait must be above 0, not {max_wait}")
        self.max_wait = max_wait
        self.ordering = ByLeast(self._rank)

    def _rank(self, problem: RoutingProblem) -> Floats:
        rank = shortest(problem)
        if self.max_wait is None:
            return rank
        return np.where(problem.age >= self.max_wait, -problem.age, rank)

    def price(self, problem: RoutingProblem, seats: Seats) -> Floats:
        """The objective's cost."""
        return problem.cost


def _still_possible(problem: RoutingProblem) -> Floats:
    """The deadline; those that cannot be met any more after all others, in the same order."""
    if not all(problem.shape):
        return problem.deadline
    latency = np.where(problem.eligible, problem.latency[problem.type_code], np.inf)
    possible = problem.now + latency.min(axis=1) <= problem.deadline
    place = np.empty(len(possible))
    place[np.lexsort((problem.deadline, ~possible))] = np.arange(len(possible))
    return place
