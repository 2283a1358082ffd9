"""How loaded pools are, as the policies that join the least loaded one see it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from trx_core.routing import RoutingProblem

__all__ = ["MEASURES", "Levels", "Ranks"]

MEASURES: Final[Mapping[str, Callable[[RoutingProblem], list[float]]]] = MappingProxyType(
    {
        "slots": lambda problem: [1.0] * len(problem.pools),
        "share": lambda problem: (1.0 / np.maximum(problem.capacity, 1)).tolist(),
    }
)
"""[P] what one occupied slot of a pool counts."""


class Levels:
    """The load of each pool; rises with every task that is placed.

    Attributes:
        of: [P] slots occupied, each counted by the measure.
        step: [P] what a slot counts.
    """

    def __init__(self, problem: RoutingProblem, measure: str) -> None:
        self.step = MEASURES[measure](problem)
        self.of: list[float] = (problem.load * np.array(self.step)).tolist()
        self._slots: list[int] = problem.slots.tolist()

    def rise(self, row: int, pool: int) -> None:
        """A task goes to a pool."""
        self.of[pool] += self.step[pool] * self._slots[row]


class Ranks:
    """Where pools stand among others by their level; of equals the one listed first is ahead.

    Args:
        levels: rise through this alone from now on.
    """

    def __init__(self, levels: Levels) -> None:
        self._levels = levels
        self._ranked: dict[int, list[tuple[float, int]]] = {}

    def first(self, pools: Sequence[int]) -> int:
        """The one of ``pools`` that is ahead of the others; see :meth:`behind`."""
        return self._among(pools)[0][1]

    def behind(self, pool: int, pools: Sequence[int]) -> int:
        """How many of ``pools`` stand behind ``pool``.

        O(log P), once the list has been seen.

        Args:
            pool: one of them.
            pools: a list that lives as long as this, and from which pools may be removed meanwhile.
        """
        ranked = self._among(pools)
        return len(ranked) - 1 - bisect_left(ranked, (self._levels.of[pool], pool))

    def _among(self, pools: Sequence[int]) -> list[tuple[float, int]]:
        of, ranked = self._levels.of, self._ranked.get(id(pools))
        if ranked is None or len(ranked) != len(pools):
            ranked = self._ranked[id(pools)] = sorted((of[one], one) for one in pools)
        return ranked

    def rise(self, row: int, pool: int) -> None:
        """A task goes to a pool."""
        of = self._levels.of
        before = of[pool], pool
        self._levels.rise(row, pool)
        after = of[pool], pool
        for ranked in self._ranked.values():
            index = bisect_left(ranked, before)
            if index < len(ranked) and ranked[index] == before:
                del ranked[index]
                insort(ranked, after, index)
