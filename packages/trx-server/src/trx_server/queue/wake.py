"""Waiting for news of several partitions without reading them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from trx_server.queue.partition import Partition
from trx_server.queue.spread import all_of

__all__ = ["Waker"]

BLOCK_SECONDS: Final = 4.0
"""How long one XREAD blocks: less than the client waits for a reply."""


class Waker:
    """Blocks on plain XREAD, outside the consumer group, so that waking takes nothing from a lane.

    Each partition has a connection of its own for it. A wait that ends early leaves the others'
    calls blocked, and the next wait takes them up again.
    """

    def __init__(self) -> None:
        self._blocked: dict[int, asyncio.Task[None]] = {}

    async def wait(self, partitions: Sequence[Partition], seconds: float) -> None:
        """Return when a partition may have news, at the latest after ``seconds``.

        Raises:
            AdapterError: TRX-A201 or TRX-A203.
        """
        for partition in partitions:
            if partition.index not in self._blocked:
                call = partition.news(BLOCK_SECONDS)
                self._blocked[partition.index] = asyncio.ensure_future(call)
        await asyncio.wait(
            self._blocked.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        ended = [index for index, task in self._blocked.items() if task.done()]
        await all_of([self._blocked.pop(index) for index in ended])

    async def aclose(self) -> None:
        """End the calls that are blocked."""
        tasks = list(self._blocked.values())
        self._blocked.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
