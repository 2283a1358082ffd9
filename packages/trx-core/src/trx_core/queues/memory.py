"""A task queue in memory, for one process; what it holds ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trx_core.clock import Clock, SystemClock
from trx_core.models import Task
from trx_core.protocols import Delivery, Order, QueueDepth
from trx_core.queues.lanestore import LaneStore

__all__ = ["MemoryQueue"]


class MemoryQueue:
    """A :class:`~trx_core.protocols.TaskQueue` over a :class:`LaneStore`.

    For one event loop. Any number of consumers share it; each entry goes to one of them, once.

    Args:
        clock: tells when delayed entries are due; by default the wall's.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._store = LaneStore()
        self._news = asyncio.Event()

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        """Append tasks; with ``due``, each not before that instant (seconds of the clock)."""
        self._store.push(tasks, due)
        self._news.set()
        self._news = asyncio.Event()

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        """At most ``room`` tasks, waiting at most ``wait`` seconds (the wall's) for the first."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + wait
        while True:
            self._store.promote(self._clock.now())
            found = self._store.take(room, order)
            left = give_up - loop.time()
            if found or room <= 0 or left <= 0:
                return found
            await self._wait_for_news(left)

    async def ack(self, receipts: Sequence[str]) -> None:
        """Settle and delete entries; unknown receipts are ignored."""
        self._store.ack(receipts)

    async def depth(self) -> QueueDepth:
        """How much is waiting."""
        return self._store.depth()

    async def _wait_for_news(self, at_most: float) -> None:
        at_most = min(at_most, max(self._store.next_due - self._clock.now(), 0.0))
        try:
            async with asyncio.timeout(at_most):
                await self._news.wait()
        except TimeoutError:
            return
