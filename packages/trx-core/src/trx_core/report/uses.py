"""What each pool did, and how often each name stands in a column."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np

from trx_core.models import Fleet
from trx_core.report.columns import NONE, AttemptColumns, PoolTotals, TaskColumns
from trx_core.report.samples import ratio
from trx_core.report.summary import PoolUse

__all__ = ["capacities", "pool_uses", "tally"]


def pool_uses(
    pools: Mapping[str, PoolTotals],
    tasks: TaskColumns,
    attempts: AttemptColumns,
    slots: Mapping[str, int],
    span: float,
) -> tuple[PoolUse, ...]:
    """What each pool did: those of ``slots`` in its order, then others.

    Args:
        pools: sums by name.
        tasks: of the run.
        attempts: of the run.
        slots: capacity by name.
        span: seconds that the run took.
    """
    held = tally({name: pool.code for name, pool in pools.items()}, tasks.pool)
    spent = np.array(attempts.slots) * (np.array(attempts.ended) - np.array(attempts.started))
    codes = np.array(attempts.pool, dtype=np.int64)
    busy = [*np.bincount(codes, spent, len(pools)).tolist(), 0.0]
    return tuple(
        PoolUse(
            name=name,
            tasks=held.get(name, 0),
            attempts=totals.attempts,
            busy=busy[totals.code],
            capacity=slots.get(name),
            utilisation=ratio(busy[totals.code], span * slots.get(name, 0)),
            cost=totals.cost,
        )
        for name in dict.fromkeys((*slots, *sorted(pools)))
        for totals in (pools.get(name) or PoolTotals(NONE),)
    )


def capacities(fleet: Fleet | Mapping[str, int] | None) -> Mapping[str, int]:
    """Slots by pool name."""
    if isinstance(fleet, Fleet):
        return {pool.name: pool.capacity for pool in fleet.pools}
    return fleet or {}


def tally(codes: Mapping[str, int], column: array[int]) -> dict[str, int]:
    """How often each name stands in a column, most first."""
    counts = np.bincount(np.array(column) + 1, minlength=len(codes) + 1)[1:].tolist()
    found = [(name, counts[code]) for name, code in codes.items() if counts[code]]
    return dict(sorted(found, key=lambda item: (-item[1], item[0])))
