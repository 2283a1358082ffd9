"""Tasks whose first attempts are drawn ahead of their time, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from trx_core.errors import PluginError
from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_core.protocols import Samples
from trx_core.randomness import Hand

__all__ = ["Ahead", "Sorts"]

_MOST_SORTS: Final = 4
"""Of pools; what is drawn for one that the task does not run on in the end is drawn for nothing."""

_new: Final = tuple.__new__

Deal = Callable[[Sequence[Task]], list[Hand]]
Draw = Callable[[Sequence[Task], WorkerPool], Samples | None]


class _Drawn(NamedTuple):
    latency: list[float]
    cost: list[float]
    error: Sequence[ErrorKind | None] | None


class Sorts:
    """Numbers sorts of pools: those of one sort differ in name, capacity and load at most.

    Where outcomes may be drawn ahead they are the same on all pools of a sort; see
    :class:`~trx_core.protocols.Timeless`.
    """

    __slots__ = ("_of", "_sorts")

    def __init__(self) -> None:
        self._sorts: list[WorkerPool] = []
        self._of: dict[int, tuple[WorkerPool, int]] = {}

    @property
    def many(self) -> bool:
        """Whether there are so many that drawing ahead does not pay."""
        return len(self._sorts) > _MOST_SORTS

    def of(self, pool: WorkerPool) -> int:
        """The number of a pool's sort, from 0."""
        known = self._of.get(pool.id.int)
        if known is not None and known[0] is pool:
            return known[1]
        alike = pool.model_copy(update={"id": None, "name": "", "capacity": 0, "current_load": 0})
        if alike not in self._sorts:
            self._sorts.append(alike)
        sort = self._sorts.index(alike)
        self._of[pool.id.int] = (pool, sort)
        return sort


class Ahead:
    """A block of tasks that no attempt has been made at.

    Args:
        tasks: of the block.
        deal: the luck of their first attempts.
        draw: their outcomes on a pool, if when and beside what they run makes no difference.
        sort_of: numbers the sorts of pools.
    """

    __slots__ = ("_by_pool", "_by_sort", "_deal", "_draw", "_hands", "_sort_of", "_tasks")

    def __init__(
        self, tasks: Sequence[Task], deal: Deal, draw: Draw, sort_of: Callable[[WorkerPool], int]
    ) -> None:
        self._tasks = tasks
        self._deal = deal
        self._draw = draw
        self._sort_of = sort_of
        self._hands: list[Hand] | None = None
        self._by_sort: dict[int, _Drawn | None] = {}
        self._by_pool: dict[int, tuple[WorkerPool, _Drawn | None]] = {}

    def hand(self, row: int) -> Hand:
        """The luck of the task in that row."""
        if self._hands is None:
            self._hands = self._deal(self._tasks)
        return self._hands[row]

    def success(self, row: int, pool: WorkerPool) -> Outcome | None:
        """The outcome of the task in that row on a pool, if it can be drawn ahead and is a success:
        of a failure there is more to tell."""
        where = self._by_pool.get(id(pool))
        if where is None:
            where = self._by_pool[id(pool)] = (pool, self._on_sort(pool))
        drawn = where[1]
        if drawn is None:
            return None
        latency, cost, error = drawn
        if error is not None and error[row] is not None:
            return None
        return _new(Outcome, (latency[row], True, cost[row], None, None, None))

    def _on_sort(self, pool: WorkerPool) -> _Drawn | None:
        sort = self._sort_of(pool)
        if sort not in self._by_sort:
            self._by_sort[sort] = self._draw_on(pool)
        return self._by_sort[sort]

    def _draw_on(self, pool: WorkerPool) -> _Drawn | None:
        try:
            samples = self._draw(self._tasks, pool)
        except PluginError:
            return None  # Whose fault it is shows when the task is asked for that does not go.
        if samples is None:
            return None
        latency, cost = (
            np.asarray(column, dtype=np.float64).tolist()
            for column in (samples.latency, samples.cost)
        )
        return _Drawn(latency, cost, samples.error)
