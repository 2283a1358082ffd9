"""The fleet as the API knows it, for refusing tasks that no pool could ever take."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import anyio

from trx_core.models import Fleet
from trx_server.store import Pool, load_fleet

__all__ = ["Fault", "KnownFleet", "Wish"]

GOOD_FOR: Final = 5.0
LEAST_AGE: Final = 0.5


class Wish(NamedTuple):
    """What a task asks of the fleet; the fields are those of a ``TaskRequest``."""

    region: str | None = None
    resource_type: str | None = None
    slots: int = 1


ANY: Final = Wish()


class Fault(NamedTuple):
    """A field that no pool can meet, and why."""

    field: str
    message: str


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
        wishes = [wish for wish in wishes if wish != ANY]
        if not wishes:
            return {}
        suspect = self._of(wishes)
        if suspect or self._age() >= GOOD_FOR:
            await self._refresh(LEAST_AGE if suspect else GOOD_FOR)
            suspect = self._of(wishes)
        return suspect

    def _of(self, wishes: Collection[Wish]) -> dict[Wish, Sequence[Fault]]:
        found = ((wish, _faults(wish, self._fleet)) for wish in wishes)
        return {wish: faults for wish, faults in found if faults}

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    async def _refresh(self, tolerated: float) -> None:
        async with self._lock:
            if self._age() < tolerated:
                return
            self._fleet = await load_fleet(self._pool)
            self._read_at = time.monotonic()


def _faults(wish: Wish, fleet: Fleet | None) -> list[Fault]:
    regions = fleet.regions if fleet else frozenset()
    pools = fleet.pools if fleet else ()
    faults = []
    if wish.region is not None and wish.region not in regions:
        message = f"no pool stands in {wish.region!r}; known regions: {_listed(regions)}"
        faults.append(Fault("region", message))
    fitting = [p for p in pools if wish.resource_type in (None, p.resource_type)]
    if wish.resource_type is not None and not fitting:
        types = _listed({pool.resource_type for pool in pools})
        message = f"no pool is made of {wish.resource_type!r}; there is: {types}"
        faults.append(Fault("resource_type", message))
    sizes = [pool.capacity for pool in fitting]
    if sizes and 0 not in sizes and wish.slots > max(sizes):
        kind = f" of {wish.resource_type!r}" if wish.resource_type else ""
        faults.append(Fault("slots", f"the largest pool{kind} has {max(sizes)}"))
    return faults


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
