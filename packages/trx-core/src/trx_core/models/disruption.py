"""What befalls pools for a time: prices that rise, regions that fail, capacity that is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trx_core.errors import CallerError
from trx_core.models.pool import Fleet, WorkerPool, WorkerSpec
from trx_core.models.task import MAX_COST, Name

__all__ = ["Disruption", "check_disruptions", "disrupted", "turning_points"]


class Disruption(BaseModel):
    """A change of some pools that begins at one instant and is over at another.

    It takes hold of what is placed from ``start`` on; attempts that run go on as they were.

    Attributes:
        start: when it begins, seconds on the clock of whoever applies it.
        end: when the pools are again as they were, seconds; after ``start``.
        region: of the pools that it befalls; ``None`` is every region.
        resource_type: of those pools; ``None`` is every type.
        pool: name of the only pool that it befalls; ``None`` is every pool.
        price: factor of their ``cost_per_unit``, 0 to 1e6.
        capacity: factor of their ``capacity``, 0 to 1000; what comes of it is rounded.
        worker: what carries out their tasks instead; ``None``: the same as ever.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    start: float = Field(ge=0)
    end: float
    region: Name | None = None
    resource_type: Name | None = None
    pool: Name | None = None
    price: float = Field(default=1.0, ge=0, le=1e6)
    capacity: float = Field(default=1.0, ge=0, le=1000)
    worker: WorkerSpec | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not self.end > self.start:
            raise ValueError(f"end: {self.end:g} is not after the start, {self.start:g}")
        return self

    def befalls(self, pool: WorkerPool) -> bool:
        """Whether ``pool`` is one of those that it changes."""
        wanted = ((self.region, pool.region), (self.resource_type, pool.resource_type))
        return all(only in (None, it) for only, it in (*wanted, (self.pool, pool.name)))

    def at(self, origin: float, speed: float = 1.0) -> Disruption:
        """The same, on a clock on which its own 0 is ``origin`` and that many of its seconds pass
        in one."""
        times = {"start": origin + self.start / speed, "end": origin + self.end / speed}
        return self.model_copy(update=times)

    def of(self, pool: WorkerPool) -> WorkerPool:
        """The pool as it is meanwhile."""
        changes = {
            "cost_per_unit": min(MAX_COST, pool.cost_per_unit * self.price),
            "capacity": min(1_000_000, round(pool.capacity * self.capacity)),
            "worker": self.worker or pool.worker,
        }
        return pool.model_copy(update=changes)


def check_disruptions(disruptions: Iterable[Disruption], fleet: Fleet) -> None:
    """Check that each befalls some pool of the fleet.

    Raises:
        CallerError: ``TRX-C142``, one does not.
    """
    for one in disruptions:
        if not any(map(one.befalls, fleet.pools)):
            wanted = {"region": one.region, "resource_type": one.resource_type, "pool": one.pool}
            which = ", ".join(f"{name} {value!r}" for name, value in wanted.items() if value)
            there = ", ".join(f"{p.name} ({p.region}, {p.resource_type})" for p in fleet.pools)
            raise CallerError(
                f"the scenario acts on pools with {which}, and the fleet has none.",
                code="TRX-C142",
                hint=f"There is: {there}.",
            )


def disrupted(fleet: Fleet, disruptions: Iterable[Disruption], now: float) -> Fleet:
    """The fleet at ``now`` (seconds), where each disruption that lasts then has its way in turn."""
    pools = fleet.pools
    for one in disruptions:
        if one.start <= now < one.end:
            pools = tuple(one.of(pool) if one.befalls(pool) else pool for pool in pools)
    return fleet if pools is fleet.pools else fleet.model_copy(update={"pools": pools})


def turning_points(disruptions: Iterable[Disruption]) -> list[float]:
    """The instants at which a fleet changes, seconds, in order."""
    return sorted({at for one in disruptions for at in (one.start, one.end)})
