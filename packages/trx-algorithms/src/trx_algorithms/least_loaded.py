"""Policies that join the pool of least load, each with its own idea of load."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from trx_algorithms.loads import MEASURES, Levels, Ranks
from trx_algorithms.seats import MANY, Bars, Seats
from trx_algorithms.spreading import Spread
from trx_core.routing import Choice, PlainRule, RoutingProblem, Turn

__all__ = ["JoinShortestQueue", "LeastDelay", "ShortestExpectedDelay"]


class JoinShortestQueue(Spread):
    """Tasks in order of priority, each to the pool with the fewest slots occupied.

    Join the shortest queue (W. Winston, "Optimality of the shortest line discipline", J. Appl.
    Prob. 14, 1977): optimal where servers are alike and service times exponential. Pools have no
    queue of their own here, tasks wait until a slot is free; so the length of a queue is the number
    of slots that are occupied, this round's tasks included.

    O(T log P), and O(P) more for a task of several slots and for a pool that fills up. No
    randomness, no state.

    Use it where pools are alike. Do not use it where they differ in speed
    (:class:`ShortestExpectedDelay`), nor where many runners decide at once: all of them join the
    same pool (:class:`~trx_algorithms.chance.PowerOfChoices`).

    Args:
        measure: ``slots``, or ``share`` of the pool's slots, for pools of different sizes.

    Raises:
        ValueError: there is no such measure.
    """

    def __init__(self, measure: str = "slots") -> None:
        if measure not in MEASURES:
            raise ValueError(f"measure must be {' or '.join(MEASURES)}, not {measure!r}")
        self.measure = measure

    @property
    def plain_rule(self) -> PlainRule | None:
        """The rule, if slots are what is measured."""
        return PlainRule(Turn.PRIORITY, Choice.LEAST_BUSY) if self.measure == "slots" else None

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """See how the pools are loaded."""
        self._levels = Levels(problem, self.measure)
        self._ranks, self._slots = Ranks(self._levels), seats.slots

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """The least loaded; of equals the one listed first."""
        if self._slots[row] == 1:
            best = self._ranks.first(pools)
        else:
            best = min(pools, key=self._levels.of.__getitem__)
        self._ranks.rise(row, best)
        return best


class LeastDelay(Spread):
    """Tasks in order of priority, each to the pool of least ``seconds · (busy + slots) / capacity``
    of those that may take it and have room.
    """

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """Work out the seconds, and see how the pools are loaded."""
        self._seconds = self.seconds(problem)
        self._codes: list[int] = problem.type_code.tolist()
        self._slots = seats.slots
        self._levels = levels = Levels(problem, "share")
        self._bars = Bars(len(problem.pools))
        self._rows = list(np.array(self._seconds))
        self._next = np.array(levels.of) + np.array(levels.step)

    @abstractmethod
    def seconds(self, problem: RoutingProblem) -> list[list[float]]:
        """[K, P] of service by task type, as this policy sees it."""

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """The pool of least delay; of equals the one listed first."""
        code, level, step = self._codes[row], self._levels.of, self._levels.step
        size = self._slots[row]
        if size == 1 and len(pools) > MANY:
            best = int((self._rows[code] * self._next + self._bars.of(pools)).argmin())
        else:
            seconds = self._seconds[code]
            delays = [seconds[pool] * (level[pool] + size * step[pool]) for pool in pools]
            best = pools[delays.index(min(delays))]
        self._levels.rise(row, best)
        self._next[best] = level[best] + step[best]
        return best


class ShortestExpectedDelay(LeastDelay):
    """Tasks in order of priority, each to the pool where work is expected to take least per slot.

    Shortest expected delay (A. Weinrib and S. Shenker, "Greed is not enough", INFOCOM 1988; as in
    the Linux virtual server): ``latency · (busy + slots) / capacity``, where ``latency`` is what is
    expected of the task's type on the pool, ``busy`` the slots occupied and ``slots`` those of the
    task. A pool of many slots counts as one fast server.

    O(T·P). No randomness, no state.

    Use it where pools differ in speed and size, and estimates can be trusted. Do not use it at low
    load with few large slow pools: a free slot of a fast pool is quicker then, whatever the share
    that is busy (:class:`~trx_algorithms.weighted_score.WeightedScore` looks at latency alone).
    """

    def seconds(self, problem: RoutingProblem) -> list[list[float]]:
        """The expected latencies."""
        latency: list[list[float]] = problem.latency.tolist()
        return latency
