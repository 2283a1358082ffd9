"""The fleet as the API knows it, for refusing tasks that no pool could ever take."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Final

import anyio

from trx_core.admission import ANYTHING, Fault, Wish, faults
from trx_core.models import Fleet
from trx_server.store import Pool, load_fleet

__all__ = ["KnownFleet"]

GOOD_FOR: Final = 5.0
LEAST_AGE: Final = 0.5


class KnownFleet:
    """The fleet in the ledger, read again every few seconds while it is asked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = anyio.Lock()
        self._fleet: Fleet | None = None
        self._read_at = float("-inf")

    async def faults(self, wishes: Collection[Wish]) -> dict[Wish, Sequence[Fault]]:
        """Those of ``wishes`` that no pool could ever meet, and why.

        Before anything is refused the fleet is read anew, should it be older than half a second.
        A wish for nothing in particular is not looked at.

        Raises:
            AdapterError: the ledger is away, and the fleet is not known well enough.
        """
        wishes = [wish for wish in wishes if wish != ANYTHING]
        if not wishes:
            return {}
        suspect = self._of(wishes)
        if suspect or self._age() >= GOOD_FOR:
            await self._refresh(LEAST_AGE if suspect else GOOD_FOR)
            suspect = self._of(wishes)
        return suspect

    def _of(self, wishes: Collection[Wish]) -> dict[Wish, Sequence[Fault]]:
        found = ((wish, faults(wish, self._fleet)) for wish in wishes)
        return {wish: wrong for wish, wrong in found if wrong}

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    async def _refresh(self, tolerated: float) -> None:
        async with self._lock:
            if self._age() < tolerated:
                return
            self._fleet = await load_fleet(self._pool)
            self._read_at = time.monotonic()
