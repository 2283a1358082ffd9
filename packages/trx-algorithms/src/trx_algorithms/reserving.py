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

BACKFILLS: Final = ("none", "easy", "easy-strict")


class Reserving:
    """Tasks in order, each to the pool that costs least of those where it fits.

    With ``blocking``, the first task that fits nowhere reserves the pool where it is expected to
    fit soonest: its shadow time there is when enough of what runs will have ended. Nobody behind it
    goes to that pool. The next task that fits nowhere reserves another pool, and so on: a pool is
    reserved for one task at most.

    With ``keeps_head`` a task that has reserved a pool stays first until it fits, though one comes
    that ranks higher. So does the first to come while every slot is taken and nobody waits: the
    schedulers of batch systems select their next job then, though no round is held, and the
    published figures of these orders hang on it. Of several that wait when a round has left slots
    over, or in the very first round, the best by rank goes first.

    With ``backfill="easy"`` (D. A. Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995; A. W.
    Mu'alem and D. G. Feitelson, IEEE TPDS 12, 2001), those behind go to a reserved pool after all,
    in order of arrival, where they fit at once and do not delay whom it is reserved for: they are
    expected to end by its shadow time, or take no more than the extra slots, which the reservation
    leaves over then and no other has taken. With ``easy-strict`` they must be expected to end
    before the shadow time, and extra slots stay empty: the variant of RLScheduler (D. Zhang et al.,
    SC20). Where the shadow time cannot be told, as another runner's attempts hold the slots, nobody
    goes there.

    Without ``blocking``, whoever fits goes, and a task of many slots may wait for ever.

    O(T·P + T log T), and O(B log B) more for each reservation on a pool where B attempts run.
    State: the ids of at most P tasks, and whether the last round left no slot over.

    Args:
        ordering: which task next.
        backfill: ``none``, ``easy`` or ``easy-strict``.
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
        self._filled = False

    def route(self, problem: RoutingProblem) -> Decision:
        """Place, reserve, backfill."""
        order = list(self.ordering.order(problem))
        stays = self.blocking and self.keeps_head
        heads = self._at_the_head(problem, order) if stays else []
        at_the_head = frozenset(heads)
        order = heads + [row for row in order if row not in at_the_head]
        board = _Board(problem, strict=self.backfill == "easy-strict")
        for row in order:
            if board.full:
                break
            if not board.place(row) and self.blocking:
                board.reserve(row)
        self._heads = tuple(problem.tasks[row].id for row in board.heads if stays)
        if self.backfill != "none":
            board.backfill()
        self._filled = board.filled
        return Decision(board.placed, order=order)

    def _at_the_head(self, problem: RoutingProblem, order: Sequence[int]) -> list[int]:
        """Who was at the head already; if nobody was, who came first while every slot was taken."""
        row_of = {task.id: row for row, task in enumerate(problem.tasks)}
        kept = [row_of[key] for key in self._heads if key in row_of]
        if kept or not self._filled:
            return kept
        able = np.asarray(problem.eligible.any(axis=1)).tolist()
        arrived = {row: problem.tasks[row].enqueued_at for row in order if able[row]}
        first = min(arrived.values(), default=inf)
        return [row for row, at in arrived.items() if at == first][:1]


class _Board:
    """A round in the making."""

    def __init__(self, problem: RoutingProblem, *, strict: bool) -> None:
        self.placed = [HOLD] * len(problem.tasks)
        self.heads: list[int] = []
        self._problem = problem
        self._seats = Seats(problem)
        self._strict = strict
        self._shadow: dict[int, float] = {}
        self._extra: dict[int, int] = {}
        self._ends = [list(view.busy) for view in problem.pools]

    @cached_property
    def _cost(self) -> list[list[float]]:
        cost: list[list[float]] = self._problem.cost.tolist()
        return cost

    @property
    def full(self) -> bool:
        """Whether every pool is reserved: no more can be placed in order."""
        return len(self._shadow) == len(self._ends)

    @property
    def filled(self) -> bool:
        """Whether no slot is left over anywhere."""
        return bool(self._seats.left <= 0)

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
            chances = {pool: self._fits_at(pool, self._seats.slots[row]) for pool in pools}
            soonest = min(pools, key=lambda pool: chances[pool][0])
            shadow, extra = chances[soonest]
            self._shadow[soonest] = shadow if shadow < inf else -inf
            self._extra[soonest] = 0 if self._strict else extra
            self.heads.append(row)

    def backfill(self) -> None:
        """Start what delays nobody that a pool is reserved for, in order of arrival."""
        most = max((self._seats.free[pool] for pool in self._shadow), default=0)
        for row in np.flatnonzero(self._problem.slots <= most).tolist():
            if self.placed[row] == HOLD and row not in self.heads:
                pools = [pool for pool in self._seats.open_to(row) if self._slips_in(row, pool)]
                if pools:
                    pool = self._cheapest(row, pools)
                    if not self._ends_in_time(row, pool):
                        self._extra[pool] -= self._seats.slots[row]
                    self._take(row, pool)

    def _slips_in(self, row: int, pool: int) -> bool:
        """Whether it delays nobody whom the pool is reserved for; it must be reserved."""
        if pool not in self._shadow:
            return False
        return self._ends_in_time(row, pool) or self._seats.slots[row] <= self._extra[pool]

    def _ends_in_time(self, row: int, pool: int) -> bool:
        end, shadow = self._expected_end(row, pool), self._shadow[pool]
        return end < shadow or (end == shadow and not self._strict)

    def _expected_end(self, row: int, pool: int) -> float:
        task, view = self._problem.tasks[row], self._problem.pools[pool]
        return self._problem.now + (task.expected_duration or view.latency(task.type))

    def _take(self, row: int, pool: int) -> None:
        self._seats.take(row, pool)
        self.placed[row] = pool
        self._ends[pool].append((self._expected_end(row, pool), self._seats.slots[row]))

    def _cheapest(self, row: int, pools: Sequence[int]) -> int:
        return pools[0] if len(pools) == 1 else min(pools, key=self._cost[row].__getitem__)

    def _fits_at(self, pool: int, slots: int) -> tuple[float, int]:
        """When enough slots are expected to be free, and how many more than enough are free then;
        infinite and none where that cannot be told.
        """
        free, shadow = self._seats.free[pool], inf
        for end, freed in sorted(self._ends[pool]):
            at = max(end, self._problem.now)
            if at > shadow:
                break
            free += freed
            if free >= slots:
                shadow = at
        return shadow, free - slots if shadow < inf else 0
