"""Policies that draw a pool, or some pools to choose from."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from math import comb
from types import MappingProxyType
from typing import Final, TypeAlias

from trx_algorithms.loads import Levels, Ranks
from trx_algorithms.seats import Seats
from trx_algorithms.spreading import Spread
from trx_core.randomness import HAND, KeyedRandom, Purpose
from trx_core.routing import RoutingProblem

__all__ = ["Drawing", "PowerOfChoices", "RandomChoice"]

FEW: Final = 16
"""Tasks for which luck is drawn one by one: to draw it at once pays for more."""

Numbers: TypeAlias = Sequence[float]


def _evenly(seats: Seats, pools: Sequence[int], number: float) -> tuple[int, float]:
    count = len(pools)
    return min(int(number * count), count - 1), 1.0 / count


def _by_free_slots(seats: Seats, pools: Sequence[int], number: float) -> tuple[int, float]:
    shares = [seats.free[pool] for pool in pools]
    bounds = list(accumulate(shares))
    index = bisect_right(bounds, number * bounds[-1], hi=len(bounds) - 1)
    return index, shares[index] / bounds[-1]


SHARES: Final[Mapping[str, Callable[[Seats, Sequence[int], float], tuple[int, float]]]] = (
    MappingProxyType({"pool": _evenly, "slot": _by_free_slots})
)
"""An index into the pools, and its odds, for a number in [0, 1)."""


class Drawing(Spread):
    """A policy whose choices are drawn, and told with their probabilities.

    A propensity is the probability of a task's pool given where the tasks before it in the round
    went; that of all choices of a round is their product. Luck is keyed by round and task: the same
    round is decided alike, whatever came before.

    Attributes:
        numbers: that a choice takes of the task's luck.

    Args:
        seed: of all luck.
    """

    numbers = 1

    def __init__(self, seed: int = 0) -> None:
        self._luck = KeyedRandom(seed)

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """No pool is chosen yet; a task that is held was held for certain."""
        self._seats = seats
        self._odds = [1.0] * len(problem.tasks)
        self._dealt = self._deal(problem)

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """Draw, and note the odds."""
        pool, self._odds[row] = self.draw(self._dealt(row), row, pools)
        return pool

    @abstractmethod
    def draw(self, luck: Numbers, row: int, pools: Sequence[int]) -> tuple[int, float]:
        """One of ``pools``, and the probability with which it is drawn.

        Args:
            luck: as many numbers in [0, 1) as :attr:`numbers` says.
            row: of the task.
            pools: see :meth:`~trx_algorithms.spreading.Spread.choose`.
        """

    def odds(self) -> Sequence[float]:
        """[T] propensities."""
        return self._odds

    def _deal(self, problem: RoutingProblem) -> Callable[[int], Numbers]:
        """Row → the first numbers of the task's luck: drawn for all tasks at once, if that pays."""
        number, tasks, luck = problem.number, problem.tasks, self._luck
        if len(tasks) > FEW and self.numbers <= HAND:
            keys = [task.id.int for task in tasks]
            dealt: list[list[float]] = luck.first_numbers([number], keys, [Purpose.POLICY]).tolist()
            return dealt.__getitem__

        def one(row: int) -> Numbers:
            own = luck.at(number, tasks[row].id.int, Purpose.POLICY)
            return [own.random() for _ in range(self.numbers)]

        return one


class RandomChoice(Drawing):
    """Tasks in order of priority, each to a pool drawn from those that may take it and have room.

    The random policy of load sharing (D. L. Eager, E. D. Lazowska and J. Zahorjan, "Adaptive load
    sharing in homogeneous distributed systems", IEEE TSE 12, 1986): no state of any pool is asked
    for, but whether it is full.

    O(T·P) at worst. No state; propensities as :class:`Drawing` has them.

    Use it to gather decisions that other policies can be judged by (off-policy evaluation), as a
    yardstick that anything must beat, or where many runners decide at once and must not all choose
    the same pool. Do not use it to be quick or cheap.

    Args:
        by: ``pool``, every pool is as likely as the next, or ``slot``, in proportion to the slots
            that are free.
        seed: of all luck.

    Raises:
        ValueError: ``by`` is neither.
    """

    def __init__(self, by: str = "pool", seed: int = 0) -> None:
        super().__init__(seed)
        if by not in SHARES:
            raise ValueError(f"by must be {' or '.join(SHARES)}, not {by!r}")
        self.by = by

    def draw(self, luck: Numbers, row: int, pools: Sequence[int]) -> tuple[int, float]:
        """In proportion to its share."""
        index, odds = SHARES[self.by](self._seats, pools, luck[0])
        return pools[index], odds


class PowerOfChoices(Drawing):
    """Tasks in order of priority, each to the least loaded of ``d`` pools drawn at random.

    Power of d choices (M. Mitzenmacher, "The power of two choices in randomized load balancing",
    IEEE TPDS 12, 2001; N. Vvedenskaya et al., 1996): a second look shortens the longest queue from
    about log n to log log n, and further ones add little. The pools are drawn without replacement
    from those that may take the task and have room; load is the share of its slots that a pool has
    occupied, this round's tasks included; of equals the one listed first wins.

    O(T·(log P + d)), and O(P) more for a task of several slots and for a pool that fills up. No
    state; propensities as :class:`~trx_algorithms.chance.Drawing` has them.

    Use it where several runners decide on the same pools at once: join-shortest-queue would send
    all of them to the same one. Do not use it where one runner decides for few pools: looking at
    all of them costs nothing there.

    Args:
        d: pools to look at, from 1, which is a random choice.
        seed: of all luck.

    Raises:
        ValueError: ``d`` is below 1.
    """

    def __init__(self, d: int = 2, seed: int = 0) -> None:
        super().__init__(seed)
        if d < 1:
            raise ValueError(f"d must be at least 1, not {d}")
        self.d = self.numbers = d

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """See how the pools are loaded."""
        super().begin(problem, seats)
        self._levels = Levels(problem, "share")
        self._ranks = Ranks(self._levels)

    def draw(self, luck: Numbers, row: int, pools: Sequence[int]) -> tuple[int, float]:
        """The least loaded one of the sample."""
        of, size = self._levels.of, len(pools)
        count = min(self.d, size)
        seen = [pools[index] for index in _sample(luck, size, count)]
        pool = min(sorted(seen), key=of.__getitem__)
        shared = self._seats.slots[row] == 1
        worse = self._ranks.behind(pool, pools) if shared else _behind(of, pool, pools)
        self._ranks.rise(row, pool)
        return pool, comb(worse, count - 1) / comb(size, count)


def _sample(luck: Numbers, size: int, count: int) -> list[int]:
    """``count`` different numbers of ``range(size)`` (R. W. Floyd, in J. Bentley, "A sample of
    brilliance", CACM 30, 1987).
    """
    if count == 2:
        one, other = int(luck[0] * (size - 1)), int(luck[1] * size)
        return [one, size - 1 if one == other else other]
    drawn: list[int] = []
    for top, number in zip(range(size - count, size), luck, strict=False):
        one = int(number * (top + 1))
        drawn.append(top if one in drawn else one)
    return drawn


def _behind(of: Sequence[float], pool: int, pools: Sequence[int]) -> int:
    own = of[pool], pool
    return sum((of[other], other) > own for other in pools)
