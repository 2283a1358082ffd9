"""The service as its servers have it, read at most once a second however many ask."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple, TypeVar

import anyio

from trx_core.errors import AdapterError
from trx_core.models import Fleet
from trx_core.protocols import QueueDepth
from trx_server.queue import LiveQueue
from trx_server.store import Pool, Stats, load_fleet, read_stats
from trx_server.store.failures import translated

__all__ = ["Observer", "Reading"]

T = TypeVar("T")

GOOD_FOR: Final = 1.0
ANSWER_WITHIN: Final = 2.0


class Reading(NamedTuple, Generic[T]):
    """What a server said, or why it did not.

    Attributes:
        value: ``None`` exactly when there is an error.
        error: for people.
        seconds: how long it took.
    """

    value: T | None
    error: str | None
    seconds: float


class _Cached(Generic[T]):
    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._lock = anyio.Lock()
        self._until = 0.0
        self._reading: Reading[T] = Reading(None, "not read yet", 0.0)

    async def get(self) -> Reading[T]:
        async with self._lock:
            if time.monotonic() >= self._until:
                self._reading = await self._take()
                self._until = time.monotonic() + GOOD_FOR
            return self._reading

    async def _take(self) -> Reading[T]:
        started = time.perf_counter()
        try:
            with anyio.fail_after(ANSWER_WITHIN):
                value = await self._read()
        except (AdapterError, TimeoutError) as error:
            said = error.message if isinstance(error, AdapterError) else "no answer in time"
            return Reading(None, said, time.perf_counter() - started)
        return Reading(value, None, time.perf_counter() - started)


class Observer:
    """Reads what metrics, statistics and health are made of.

    Each is given two seconds to answer. What is told of an outage to those who need no token has no
    more in it than that there is one.
    """

    def __init__(self, pool: Pool, queue: LiveQueue) -> None:
        @translated
        async def ping() -> bool:
            return bool(await pool.fetchval("SELECT true"))

        self._ping = _Cached(ping)
        self._depth = _Cached(queue.depth)
        self._stats = _Cached(lambda: read_stats(pool))
        self._fleet = _Cached(lambda: load_fleet(pool))

    async def database(self) -> Reading[bool]:
        """Whether PostgreSQL answers."""
        return await self._ping.get()

    async def depth(self) -> Reading[QueueDepth]:
        """What the queue holds; fails when its server is away."""
        return await self._depth.get()

    async def stats(self) -> Reading[Stats]:
        """Counts of the ledger."""
        return await self._stats.get()

    async def fleet(self) -> Reading[Fleet | None]:
        """The pools and their load."""
        return await self._fleet.get()
