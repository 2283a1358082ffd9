"""Attempts that wait at a pool, in line, because fewer are served at once than it has slots."""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace, nsmallest

__all__ = ["Line"]


class Line:
    """First come, first served by several servers: G/G/c, its service times known when it starts.

    What waits does not overtake: one that needs several servers keeps those behind it waiting.
    """

    def __init__(self) -> None:
        self._free_at: list[float] = []

    def opens(self, servers: int, needed: int, now: float) -> float:
        """When an attempt that comes at ``now`` would be served, seconds.

        Args:
            servers: how many there are now, at least 1.
            needed: how many it takes; all of them if there are not so many.
            now: not earlier than at any call before.
        """
        self._fit(servers, now)
        return max(now, nsmallest(min(needed, servers), self._free_at)[-1])

    def take(self, needed: int, until: float) -> None:
        """Keep the servers that an attempt takes busy until ``until`` (seconds)."""
        for _ in range(min(needed, len(self._free_at))):
            heapreplace(self._free_at, until)

    def _fit(self, servers: int, now: float) -> None:
        """Those that join are free, and those that leave are the first to be free."""
        while len(self._free_at) < servers:
            heappush(self._free_at, now)
        while len(self._free_at) > servers:
            heappop(self._free_at)
