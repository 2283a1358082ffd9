"""What a round may know of a pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import NamedTuple

from trx_core.models import Task, WorkerPool

__all__ = ["Breaker", "Distance", "PoolView", "distance", "may_take"]

Distance = Mapping[str, Mapping[str, float]]


class Breaker(IntEnum):
    """State of a pool's circuit breaker."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class PoolView(NamedTuple):
    """What a round may know of one pool, taken when the round opened.

    Attributes:
        pool: its catalogue entry.
        free: slots that the round may fill, not negative.
        breaker: state of its circuit breaker; an open one makes the pool ineligible.
        latency: task type → expected seconds of service.
        success: task type → expected probability of success.
        busy: when each of this kernel's attempts there is expected to end (seconds), and the slots
            that it frees, in no particular order.
    """

    pool: WorkerPool
    free: int
    breaker: Breaker
    latency: Callable[[str], float]
    success: Callable[[str], float]
    busy: tuple[tuple[float, int], ...] = ()


def may_take(view: PoolView, task: Task) -> bool:
    """Whether the pool may take the task at all, free slots left aside."""
    pool = view.pool
    fits = task.slots <= pool.capacity and view.breaker != Breaker.OPEN
    made = task.resource_type is None or task.resource_type == pool.resource_type
    near = not task.region_required or task.bound_to in (None, pool.region)
    return fits and made and near


def distance(table: Distance, a: str, b: str) -> float:
    """Distance from ``a`` to ``b``, or else from ``b`` to ``a``: 0 to itself, 1 where not given."""
    if a == b:
        return 0.0
    return table.get(a, {}).get(b, table.get(b, {}).get(a, 1.0))
