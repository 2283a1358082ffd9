"""Why tasks are left at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from trx_core.admission import Wish, faults
from trx_core.models import Fleet, Task

__all__ = ["BEHIND", "HELD", "all_stuck", "reasons_of"]

HELD: Final = "held until nothing else had happened for an hour"
BEHIND: Final = "behind a window full of the others"


def all_stuck(waiting: Iterable[Task], fleet: Fleet) -> bool:
    """Whether no pool may ever take any of ``waiting``."""
    return all(_why_never(task, fleet) is not None for task in waiting)


def reasons_of(waiting: Iterable[Task], fleet: Fleet, behind: int) -> Counter[str]:
    """Why tasks are left, with how many for each reason.

    Args:
        waiting: those in the kernel's window.
        fleet: the pools.
        behind: how many there are that no longer came into the window.
    """
    reasons = Counter(_why_never(task, fleet) or HELD for task in waiting)
    return reasons + Counter({BEHIND: behind})


def _why_never(task: Task, fleet: Fleet) -> str | None:
    """Why no pool may ever take ``task``; ``None`` if one may.

    Unlike at admission a pool that is drained counts as what it is: in the lab nobody fills it.
    """
    for fault in faults(_bounds(task), fleet):
        return fault.message
    kind, region = task.resource_type, task.bound_to
    pools = [pool for pool in fleet.pools if region in (None, pool.region)]
    sizes = [pool.capacity for pool in pools if kind in (None, pool.resource_type)]
    if max(sizes, default=0) >= task.slots:
        return None
    of_kind = f" of {kind!r}" if kind else ""
    of_kind += f" in {region!r}" if region else ""
    if not any(sizes):
        return f"every pool{of_kind} is drained" if sizes else "there is no pool"
    return f"the largest pool{of_kind} that is not drained has {max(sizes)}"


def _bounds(task: Task) -> Wish:
    """What it must have; a region that it would only like does not keep it."""
    return Wish(task.bound_to, task.resource_type, task.slots, task.region_required)
