"""Tasks whose first attempts are drawn ahead of their time, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_core.errors import PluginError
from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import Sampler, Samples
from trx_core.randomness import Hand, Keys, named

__all__ = ["MOST_POOLS", "Ahead", "Sorts"]

MOST_POOLS: Final = 32
"""Up to which drawing ahead pays: what is drawn for pools that a task does not run on in the end is
drawn for nothing."""

_new: Final = tuple.__new__

Prepare = Callable[[Sequence[Task], WorkerPool], Sampler | None]


class _Luck(NamedTuple):
    keys: Keys
    numbers: NDArray[np.float64]


class Sorts:
    """Numbers sorts of pools: those of one sort differ in name, capacity and load at most.

    Where outcomes may be drawn ahead they differ in nothing but luck on the pools of a sort; see
    :class:`~trx_core.protocols.Timeless`.
    """

    __slots__ = ("_of", "_sorts")

    def __init__(self) -> None:
        self._sorts: list[WorkerPool] = []
        self._of: dict[int, tuple[WorkerPool, int]] = {}

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
        deal: the keys of their first attempts, wherever those are made.
        prepare: what draws their outcomes on a pool, if when and beside what they run makes no
            difference.
        sort_of: numbers the sorts of pools.
    """

    __slots__ = (
        "_by_name",
        "_by_pool",
        "_by_sort",
        "_deal",
        "_keys",
        "_prepare",
        "_sort_of",
        "_tasks",
    )

    def __init__(
        self,
        tasks: Sequence[Task],
        deal: Callable[[Sequence[Task]], Keys],
        prepare: Prepare,
        sort_of: Callable[[WorkerPool], int],
    ) -> None:
        self._tasks = tasks
        self._deal = deal
        self._prepare = prepare
        self._sort_of = sort_of
        self._keys: Keys | None = None
        self._by_name: dict[str, _Luck] = {}
        self._by_sort: dict[int, Sampler | None] = {}
        self._by_pool: dict[int, tuple[WorkerPool, Samples | None]] = {}

    def hand(self, row: int, pool: WorkerPool) -> Hand:
        """The luck on a pool of the task in that row."""
        keys, numbers = self._luck_on(pool.name)
        return keys.hand(row, numbers)

    def success(self, row: int, pool: WorkerPool) -> Outcome | None:
        """The outcome of the task in that row on a pool, if it can be drawn ahead and is a success:
        of a failure there is more to tell."""
        where = self._by_pool.get(id(pool))
        if where is None:
            where = self._by_pool[id(pool)] = (pool, self._drawn_on(pool))
        drawn = where[1]
        if drawn is None:
            return None
        latency, cost, errors = drawn
        if row in errors:
            return None
        return _new(Outcome, (latency.item(row), True, cost.item(row), None, None, None))

    def _luck_on(self, name: str) -> _Luck:
        known = self._by_name.get(name)
        if known is None:
            if self._keys is None:
                self._keys = self._deal(self._tasks)
            keys = self._keys.then([named(name)])
            known = self._by_name[name] = _Luck(keys, keys.numbers())
        return known

    def _drawn_on(self, pool: WorkerPool) -> Samples | None:
        sort = self._sort_of(pool)
        try:
            if sort not in self._by_sort:
                self._by_sort[sort] = self._prepare(self._tasks, pool)
            sampler = self._by_sort[sort]
            return None if sampler is None else sampler(self._luck_on(pool.name).numbers)
        except PluginError:
            return None  # Whose fault it is shows when the task is asked for that does not go.
