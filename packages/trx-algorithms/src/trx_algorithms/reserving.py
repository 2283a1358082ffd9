"""Tasks in order, where one that does not fit yet may keep slots from others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import inf
from typing import Final
from uuid import UUID

import numpy as np

from trx_algorithms.seats import Seats
from trx_core.routing import HOLD, Decision, Ordering, RoutingProblem

__all__ = ["BACKFILLS", "Reserving"]

BACKFILLS: Final = ("none", "easy")


class Reserving:
    """Tasks in order, each to the pool that costs least of those where it fits.

    With ``blocking``, the first task that fits nowhere reserves the pool where it is expected to
    fit soonest: its shadow time there is when enough of what runs will have ended. Nobody behind it
    goes to that pool. The next task that fits nowhere reserves another pool, and so on: a pool is
    reserved for one task at most. With ``keeps_head`` a task that has reserved a pool stays first
    until it fits, though one comes that ranks higher; and while nobody waits, who comes is first.

    With ``backfill="easy"`` (D. A. Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995; A. W.
    Mu'alem and D. G. Feitelson, IEEE TPDS 12, 2001), those behind go to a reserved pool after all,
    in order of arrival, where they fit at once and are expected to end before its shadow time. What
    the reservation leaves over at the shadow time is not used. Where the shadow time cannot be
    told, as another runner's attempts hold the slots, nobody does.

    Without ``blocking``, whoever fits goes, and a task of many slots may wait for ever.

    O(T·P + T log T), and O(B log B) more for each reservation on a pool where B attempts run.
    State: the ids of at most P tasks.

    Args:
        ordering: which task next.
        backfill: ``none`` or ``easy``.
        blocking: see above.
        keeps_head: see above.

    Raises:
        ValueError: there is no such way of backfilling, or nothing blocks that could be filled.
    """

    def __init__(
        self,
        ordering: Ordering,
        *,
        backfill: str = "none",
        blocking: bool = True,
        keeps_head: bool = True,
    ) -> None:
        if backfill not in BACKFILLS:
            raise ValueError(f"backfill must be one of {', '.join(BACKFILLS)}, not {backfill!r}")
        if backfill != "none" and not blocking:
            raise ValueError("without blocking there is nothing to backfill")
        self.ordering = ordering
        self.backfill = backfill
        self.blocking = blocking
        self.keeps_head = keeps_head
        self._heads: tuple[UUID, ...] = ()

    def route(self, problem: RoutingProblem) -> Decision:
        """Place, reserve, backfill."""
        order = list(self.ordering.order(problem))
        stays = self.blocking and self.keeps_head
        heads = self._at_the_head(problem, order) if stays else []
        at_the_head = frozenset(heads)
        order = heads + [row for row in order if row not in at_the_head]
        board = _Board(problem)
        for row in order:
            if board.full:
                break
            if not board.place(row) and self.blocking:
                board.reserve(row)
        self._heads = tuple(problem.tasks[row].id for row in board.heads if stays)
        if self.backfill == "easy":
            board.backfill()
        return Decision(board.placed, order=order)

    def _at_the_head(self, problem: RoutingProblem, order: Sequence[int]) -> list[int]:
        """Who was at the head already; if nobody was, who arrived first while nobody waited."""
        row_of = {task.id: row for row, task in enumerate(problem.tasks)}
        kept = [row_of[key] for key in self._heads if key in row_of]
        if kept or not order:
            return kept
        able = np.asarray(problem.eligible.any(axis=1)).tolist()
        arrived = {row: problem.tasks[row].enqueued_at for row in order if able[row]}
        first = min(arrived.values(), default=inf)
        return [row for row, at in arrived.items() if at == first][:1]


class _Board:
    """A round in the making."""

    def __init__(self, problem: RoutingProblem) -> None:
        self.placed = [HOLD] * len(problem.tasks)
        self.heads: list[int] = []
        self._problem = problem
        self._seats = Seats(problem)
        self._shadow: dict[int, float] = {}
        self._ends = [list(view.busy) for view in problem.pools]

    @cached_property
    def _cost(self) -> list[list[float]]:
        cost: list[list[float]] = self._problem.cost.tolist()
        return cost

    @property
    def full(self) -> bool:
        """Whether every pool is reserved: no more can be placed in order."""
        return len(self._shadow) == len(self._ends)

    def place(self, row: int) -> bool:
        """To the cheapest pool that is not reserved and has room; whether there is one."""
        pools = [pool for pool in self._seats.open_to(row) if pool not in self._shadow]
        if pools:
            self._take(row, self._cheapest(row, pools))
        return bool(pools)

    def reserve(self, row: int) -> None:
        """The unreserved pool, if any is left, where the task is expected to fit soonest."""
        pools = [pool for pool in self._seats.eligible(row) if pool not in self._shadow]
        if pools:
            times = {pool: self._fits_at(pool, self._seats.slots[row]) for pool in pools}
            soonest = min(pools, key=times.__getitem__)
            told = times[soonest] < inf
            self._shadow[soonest] = times[soonest] if told else -inf
            self.heads.append(row)

    def backfill(self) -> None:
        """Start what ends before the shadow time of the pool, in order of arrival."""
        most = max((self._seats.free[pool] for pool in self._shadow), default=0)
        for row in np.flatnonzero(self._problem.slots <= most).tolist():
            if self.placed[row] == HOLD and row not in self.heads:
                pools = [pool for pool in self._seats.open_to(row) if self._ends_in_time(row, pool)]
                if pools:
                    self._take(row, self._cheapest(row, pools))

    def _ends_in_time(self, row: int, pool: int) -> bool:
        shadow = self._shadow.get(pool)
        return shadow is not None and self._expected_end(row, pool) < shadow

    def _expected_end(self, row: int, pool: int) -> float:
        task, view = self._problem.tasks[row], self._problem.pools[pool]
        return self._problem.now + (task.expected_duration or view.latency(task.type))

    def _take(self, row: int, pool: int) -> None:
        self._seats.take(row, pool)
        self.placed[row] = pool
        self._ends[pool].append((self._expected_end(row, pool), self._seats.slots[row]))

    def _cheapest(self, row: int, pools: Sequence[int]) -> int:
        return pools[0] if len(pools) == 1 else min(pools, key=self._cost[row].__getitem__)

    def _fits_at(self, pool: int, slots: int) -> float:
        """When enough slots are expected to be free; infinite where that cannot be told."""
        free = self._seats.free[pool]
        for end, freed in sorted(self._ends[pool]):
            free += freed
            if free >= slots:
                return max(end, self._problem.now)
        return inf
