"""Policies that draw a pool, or some pools to choose from."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from math import comb
from types import MappingProxyType
from typing import Final

from trx_algorithms.loads import Levels
from trx_algorithms.seats import Seats
from trx_algorithms.spreading import Spread
from trx_core.models import Task
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.routing import RoutingProblem

__all__ = ["Drawing", "PowerOfChoices", "RandomChoice"]

SHARES: Final[Mapping[str, Callable[[Seats, Sequence[int]], list[int]]]] = MappingProxyType(
    {
        "pool": lambda seats, pools: [1] * len(pools),
        "slot": lambda seats, pools: [seats.free[pool] for pool in pools],
    }
)


class Drawing(Spread):
    """A policy whose choices are drawn, and told with their probabilities.

    A propensity is the probability of a task's pool given where the tasks before it in the round
    went; that of all choices of a round is their product. Luck is keyed by round and task: the same
    round is decided alike, whatever came before.

    Args:
        seed: of all luck.
    """

    def __init__(self, seed: int = 0) -> None:
        self._luck = KeyedRandom(seed)

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """Nothing is drawn yet; a task that is held was held for certain."""
        self._round, self._tasks, self._seats = problem.number, problem.tasks, seats
        self._odds = [1.0] * len(problem.tasks)

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """Draw, and note the odds."""
        pool, self._odds[row] = self.draw(self._of(self._tasks[row]), row, pools)
        return pool

    @abstractmethod
    def draw(self, luck: KeyedRandom, row: int, pools: Sequence[int]) -> tuple[int, float]:
        """One of ``pools``, and the probability with which it is drawn."""

    def odds(self) -> Sequence[float]:
        """[T] propensities."""
        return self._odds

    def _of(self, task: Task) -> KeyedRandom:
        return self._luck.at(self._round, task.id.int, Purpose.POLICY)


class RandomChoice(Drawing):
    """Tasks in order of priority, each to a pool drawn from those that may take it and have room.

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

    def draw(self, luck: KeyedRandom, row: int, pools: Sequence[int]) -> tuple[int, float]:
        """In proportion to its share."""
        shares = SHARES[self.by](self._seats, pools)
        bounds = list(accumulate(shares))
        index = bisect_right(bounds, luck.random() * bounds[-1], hi=len(bounds) - 1)
        return pools[index], shares[index] / bounds[-1]


class PowerOfChoices(Drawing):
    """Tasks in order of priority, each to the least loaded of ``d`` pools drawn at random.

    Power of d choices (M. Mitzenmacher, "The power of two choices in randomized load balancing",
    IEEE TPDS 12, 2001; N. Vvedenskaya et al., 1996): a second look shortens the longest queue from
    about log n to log log n, and further ones add little. The pools are drawn without replacement
    from those that may take the task and have room; load is the share of its slots that a pool has
    occupied, this round's tasks included; of equals the one listed first wins.

    O(T·(P + d)). No state; propensities as :class:`~trx_algorithms.chance.Drawing` has them.

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
        self.d = d

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """See how the pools are loaded."""
        super().begin(problem, seats)
        self._levels = Levels(problem, "share")

    def draw(self, luck: KeyedRandom, row: int, pools: Sequence[int]) -> tuple[int, float]:
        """The least loaded one of the sample."""
        count = min(self.d, len(pools))
        levels = [self._levels.of[pool] for pool in pools]
        least, index = min((levels[index], index) for index in _sample(luck, len(pools), count))
        worse = sum(map(least.__lt__, levels)) + levels[index + 1 :].count(least)
        self._levels.rise(row, pools[index])
        return pools[index], comb(worse, count - 1) / comb(len(pools), count)


def _sample(luck: KeyedRandom, size: int, count: int) -> list[int]:
    """``count`` different numbers of ``range(size)`` (R. W. Floyd, in J. Bentley, "A sample of
    brilliance", CACM 30, 1987).
    """
    drawn: list[int] = []
    for top in range(size - count, size):
        one = int(luck.random() * (top + 1))
        drawn.append(top if one in drawn else one)
    return drawn
