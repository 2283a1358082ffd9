"""The fleet as the API knows it, for naming regions that do not exist."""

from __future__ import annotations

import time
from typing import Final

import anyio

from trx_core.models import Fleet
from trx_server.store import Pool, load_fleet

__all__ = ["KnownRegions"]

GOOD_FOR: Final = 5.0
LEAST_AGE: Final = 0.5


class KnownRegions:
    """The regions of the fleet in the ledger, read again every few seconds while it is asked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = anyio.Lock()
        self._regions: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    async def unknown(self, regions: set[str]) -> set[str]:
        """Those of ``regions`` that no pool stands in and no distance names.

        Raises:
            AdapterError: the ledger is away, and was never read.
        """
        if regions <= self._regions and self._age() < GOOD_FOR:
            return set()
        await self._refresh(LEAST_AGE if regions - self._regions else GOOD_FOR)
        return regions - self._regions

    @property
    def known(self) -> frozenset[str]:
        """As last read."""
        return self._regions

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    async def _refresh(self, tolerated: float) -> None:
        async with self._lock:
            if self._age() < tolerated:
                return
            fleet: Fleet | None = await load_fleet(self._pool)
            self._regions = fleet.regions if fleet else frozenset()
            self._read_at = time.monotonic()
