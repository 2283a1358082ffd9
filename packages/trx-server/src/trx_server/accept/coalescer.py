"""Group commit: what comes in while a call runs goes out together in the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

import anyio

__all__ = ["Coalescer"]

T = TypeVar("T")


class Coalescer(Generic[T]):
    """Hands items to ``action`` in batches, one call at a time, in the order in which they came.

    There is no timer: a lone item goes out at once, and batches grow by themselves under load.

    Args:
        action: takes a batch; what it raises ends :meth:`run`.
        largest: most items in a batch, at least 1.
    """

    def __init__(self, action: Callable[[list[T]], Awaitable[None]], *, largest: int) -> None:
        self._action = action
        self._largest = largest
        self._items: deque[T] = deque()
        self._wake = anyio.Event()
        self._idle = anyio.Event()
        self._idle.set()

    def __len__(self) -> int:
        """Items that no call has taken yet."""
        return len(self._items)

    def add(self, items: Iterable[T]) -> None:
        """Queue items; returns at once."""
        self._items.extend(items)
        if self._items and not self._wake.is_set():
            self._wake.set()
            self._idle = anyio.Event()

    async def run(self) -> None:
        """Hand batches over until it is cancelled."""
        while True:
            await self._wake.wait()
            while self._items:
                size = min(len(self._items), self._largest)
                batch = [self._items.popleft() for _ in range(size)]
                await self._action(batch)
            self._wake = anyio.Event()
            self._idle.set()

    async def drained(self) -> None:
        """Return when everything that was added has been handed over."""
        await self._idle.wait()
