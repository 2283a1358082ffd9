"""Things to do at their time, however many, on one timer."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

import anyio

from trx_core.clock import Clock

__all__ = ["Agenda"]

T = TypeVar("T")


class Agenda(Generic[T]):
    """Items that are due at an instant; what is due together is handed over together.

    Args:
        clock: whose seconds the instants are.
        on_due: gets the items, earliest first.
    """

    def __init__(self, clock: Clock, on_due: Callable[[list[T]], None]) -> None:
        self._clock = clock
        self._on_due = on_due
        self._items: list[tuple[float, int, T]] = []
        self._sequence = count()
        self._news = anyio.Event()

    def __len__(self) -> int:
        """Items that are not due yet."""
        return len(self._items)

    def add(self, at: float, item: T) -> None:
        """Hand ``item`` over at ``at`` (seconds), or at once if that is past."""
        heappush(self._items, (at, next(self._sequence), item))
        if self._items[0][0] >= at:
            self._news.set()

    async def run(self) -> None:
        """Hand items over until it is cancelled."""
        while True:
            self._news = anyio.Event()
            now = self._clock.now()
            due: list[T] = []
            while self._items and self._items[0][0] <= now:
                due.append(heappop(self._items)[2])
            if due:
                self._on_due(due)
                continue
            wait = self._items[0][0] - now if self._items else float("inf")
            with anyio.move_on_after(wait):
                await self._news.wait()
