"""Which tasks a fleet could ever carry out; the service and the lab refuse the others alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple, Self

from trx_core.models import Fleet, TaskRequest

__all__ = ["ANYTHING", "Fault", "Wish", "faults"]


class Wish(NamedTuple):
    """What a task asks of the fleet; the fields are those of a ``TaskRequest``."""

    region: str | None = None
    resource_type: str | None = None
    slots: int = 1
    region_required: bool = False

    @classmethod
    def of(cls, request: TaskRequest) -> Self:
        """What ``request`` asks."""
        return cls(request.region, request.resource_type, request.slots, request.region_required)


ANYTHING: Final = Wish()
"""What every fleet that has a pool can meet."""


class Fault(NamedTuple):
    """A field that no pool can meet, and why."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def faults(wish: Wish, fleet: Fleet | None) -> list[Fault]:
    """Why no pool of ``fleet`` could ever meet ``wish``; nothing if one could.

    A pool that is drained (capacity 0) may be filled again, to whatever size.
    """
    regions = fleet.regions if fleet else frozenset()
    pools = fleet.pools if fleet else ()
    bound = wish.region if wish.region_required else None
    within = [pool for pool in pools if bound in (None, pool.region)]
    found = []
    if wish.region is not None and wish.region not in regions:
        message = f"no pool stands in {wish.region!r}; known regions: {_listed(regions)}"
        found.append(Fault("region", message))
    elif bound is not None and not within:
        there = _listed({pool.region for pool in pools})
        message = f"no pool stands in {bound!r}, which the task is bound to; pools stand in {there}"
        found.append(Fault("region", message))
    if bound is not None and not within:
        within, bound = list(pools), None
    fitting = [p for p in within if wish.resource_type in (None, p.resource_type)]
    place = f" in {bound!r}" if bound else ""
    if wish.resource_type is not None and not fitting:
        types = _listed({pool.resource_type for pool in within})
        message = f"no pool{place} is made of {wish.resource_type!r}; there is: {types}"
        found.append(Fault("resource_type", message))
    sizes = [pool.capacity for pool in fitting]
    if sizes and 0 not in sizes and wish.slots > max(sizes):
        kind = f" of {wish.resource_type!r}" if wish.resource_type else ""
        found.append(Fault("slots", f"the largest pool{kind}{place} has {max(sizes)}"))
    return found


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
