"""Free slots as a round goes on, and which pools have room for a task."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.routing import RoutingProblem

__all__ = ["MANY", "Bars", "Seats"]

MANY: Final = 12
"""Pools from which a column of all of them is quicker than a loop over some."""

Floats = NDArray[np.float64]


class Seats:
    """The pools of a round; their free slots shrink with every task that is placed.

    Tasks that may go to the same pools share one list of those that are not full, so that looking
    where a task of one slot may go costs nothing.

    Attributes:
        free: [P] slots that may still be filled.
        slots: [T] slots that each task needs.
        left: sum of ``free``.
    """

    def __init__(self, problem: RoutingProblem) -> None:
        self.free: list[int] = problem.free.tolist()
        self.slots: list[int] = problem.slots.tolist()
        self.left = sum(self.free)
        self._width = len(self.free)
        self._mask = problem.eligible.tobytes()
        self._lists: dict[bytes, tuple[list[int], list[int]]] = {}

    def eligible(self, row: int) -> Sequence[int]:
        """The pools that may take a task, full ones too, in the order in which they are listed."""
        return self._kind(row)[0]

    def open_to(self, row: int) -> Sequence[int]:
        """Those of them that have the slots free."""
        pools, size = self._kind(row)[1], self.slots[row]
        if size == 1:
            return pools
        free = self.free
        return [pool for pool in pools if free[pool] >= size]

    def take(self, row: int, pool: int) -> None:
        """Place a task."""
        size = self.slots[row]
        self.left -= size
        self.free[pool] -= size
        if not self.free[pool]:
            for _, unfilled in self._lists.values():
                if pool in unfilled:
                    unfilled.remove(pool)

    def _kind(self, row: int) -> tuple[list[int], list[int]]:
        allowed = self._mask[row * self._width : (row + 1) * self._width]
        found = self._lists.get(allowed)
        if found is None:
            pools = [pool for pool, yes in enumerate(allowed) if yes]
            found = self._lists[allowed] = pools, [pool for pool in pools if self.free[pool] > 0]
        return found


class Bars:
    """Lists of pools as columns of all pools, each made again when pools have left its list.

    Args:
        width: number of all pools.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._bars: dict[int, tuple[int, Floats]] = {}

    def of(self, pools: Sequence[int]) -> Floats:
        """[P] 0 for those of ``pools``, infinity for the others.

        Args:
            pools: a list that lives as long as this, and from which pools may be removed meanwhile.
        """
        known = self._bars.get(id(pools))
        if known is not None and known[0] == len(pools):
            return known[1]
        bar = np.full(self._width, inf)
        bar[list(pools)] = 0.0
        self._bars[id(pools)] = len(pools), bar
        return bar
