"""Lanes of waiting tasks, delayed entries and receipts: a queue's state, without waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Final

from trx_core.models import Task
from trx_core.policy import LANES, LaneSharing, lane_of
from trx_core.protocols import Delivery, Order, QueueDepth

__all__ = ["LaneStore"]

_Entry = tuple[int, Task]
_LAST: Final = float("inf")


class LaneStore:
    """What a queue holds, and the rules by which it gives it out.

    Every entry gets a sequence number when it enters a lane; a delayed one enters its lane when it
    is promoted. A lane is first in, first out. Times are seconds of the caller's clock.

    Attributes:
        lag: how many entries are in lanes.
        next_due: when the first delayed entry is due; infinity if there is none.
        owing: whether a lane may still be owed a place, though it holds nothing.

    An entry costs O(1) to push and to take, and O(log n) more if it is delayed.
    """

    __slots__ = (
        "_delayed",
        "_lanes",
        "_pending",
        "_sequence",
        "_sharing",
        "lag",
        "next_due",
        "owing",
    )

    def __init__(self) -> None:
        self.lag = 0
        self.next_due = _LAST
        self.owing = False
        self._lanes: tuple[deque[_Entry], ...] = tuple(deque() for _ in LANES)
        self._delayed: list[tuple[float, int, Task]] = []
        self._pending: set[str] = set()
        self._sequence = count(1)
        self._sharing = LaneSharing(LANES)

    def push(self, tasks: Sequence[Task], due: Sequence[float] | None = None) -> None:
        """Append tasks; with ``due``, each enters its lane not before that instant.

        Raises:
            ValueError: ``due`` is not as long as ``tasks``; nothing was appended.
        """
        if due is None:
            for task in tasks:
                self._enter(task)
            return
        if len(due) != len(tasks):
            raise ValueError(f"{len(tasks)} tasks, but {len(due)} due times")
        for at, task in zip(due, tasks, strict=True):
            heappush(self._delayed, (at, next(self._sequence), task))
        self.next_due = self._delayed[0][0] if self._delayed else _LAST

    def promote(self, now: float) -> int:
        """Move what is due at ``now`` to its lanes, in the order (due, pushed); how many moved."""
        moved = 0
        while self._delayed and self._delayed[0][0] <= now:
            self._enter(heappop(self._delayed)[2])
            moved += 1
        self.next_due = self._delayed[0][0] if self._delayed else _LAST
        return moved

    def take(self, room: int, order: Order) -> list[Delivery]:
        """At most ``room`` entries, which stay pending until they are acknowledged.

        Args:
            room: most entries to give, at least 0.
            order: ``ARRIVAL``: by sequence number over all lanes; ``PRIORITY``: lanes share the
                room as :class:`~trx_core.policy.LaneSharing` has it.
        """
        taken = self._draw(room, order)
        deliveries = [Delivery(str(sequence), task) for sequence, task in taken]
        self._pending.update(delivery.receipt for delivery in deliveries)
        return deliveries

    def draw(self, room: int, order: Order) -> list[Task]:
        """As :meth:`take`, for a consumer that cannot lose what it was given: nothing is pending,
        and nothing need be acknowledged."""
        return [task for _, task in self._draw(room, order)]

    def settle(self) -> None:
        """Owe nothing: the lanes are empty, and there is room."""
        self._sharing.settle()
        self.owing = False

    def ack(self, receipts: Sequence[str]) -> None:
        """Settle entries; unknown receipts are ignored."""
        self._pending.difference_update(receipts)

    def depth(self) -> QueueDepth:
        """How much is held."""
        return QueueDepth(
            lag=self.lag,
            pending=len(self._pending),
            delayed=len(self._delayed),
        )

    def _enter(self, task: Task) -> None:
        self._lanes[lane_of(task.priority)].append((next(self._sequence), task))
        self.lag += 1

    def _draw(self, room: int, order: Order) -> list[_Entry]:
        taken = self._by_arrival(room) if order is Order.ARRIVAL else self._by_priority(room)
        self.lag -= len(taken)
        self.owing = True
        return taken

    def _by_arrival(self, room: int) -> list[_Entry]:
        taken: list[_Entry] = []
        heads = [lane[0][0] if lane else _LAST for lane in self._lanes]
        while len(taken) < room:
            first = min(heads)
            if first == _LAST:
                break
            index = heads.index(first)
            lane = self._lanes[index]
            taken.append(lane.popleft())
            heads[index] = lane[0][0] if lane else _LAST
        return taken

    def _by_priority(self, room: int) -> list[_Entry]:
        taken: list[_Entry] = []
        sharing = self._sharing.fill(room)
        asked = next(sharing, None)
        while asked is not None:
            given = [
                min(wanted, len(lane)) for wanted, lane in zip(asked, self._lanes, strict=True)
            ]
            for number, lane in zip(given, self._lanes, strict=True):
                taken.extend(lane.popleft() for _ in range(number))
            try:
                asked = sharing.send(given)
            except StopIteration:
                asked = None
        return taken
