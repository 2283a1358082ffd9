"""Many outcomes of one kind of service at once, where nothing but chance decides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.models import ErrorKind, Task
from trx_core.protocols import Samples
from trx_workers.simulators.service import Service

__all__ = ["draw"]

_TRANSIENT: Final = ErrorKind.TRANSIENT


def draw(
    usual: Service,
    by_type: Mapping[str, Service],
    tasks: Sequence[Task],
    price: float,
    luck: NDArray[np.float64],
) -> Samples:
    """An outcome per task, to the bit what :meth:`Simulated.sample` draws where the pool has no
    conditions.

    Args:
        usual: of the types that are not named.
        by_type: of others.
        tasks: [N] at least one.
        price: of a work unit.
        luck: [N, 3] for success, permanence and time.
    """
    if not by_type:
        return Samples(*_draw(usual, tasks, price, luck))
    latency, cost = np.empty(len(tasks)), np.empty(len(tasks))
    error: list[ErrorKind | None] = [None] * len(tasks)
    rows: dict[str | None, list[int]] = {}
    for row, task in enumerate(tasks):
        rows.setdefault(task.type if task.type in by_type else None, []).append(row)
    for kind, mine in rows.items():
        service = usual if kind is None else by_type[kind]
        some = _draw(service, [tasks[row] for row in mine], price, luck[mine])
        latency[mine], cost[mine] = some[0], some[1]
        for row, one in zip(mine, some[2] or (), strict=False):
            error[row] = one
    return Samples(latency.tolist(), cost.tolist(), error)


def _draw(
    service: Service, tasks: Sequence[Task], price: float, luck: NDArray[np.float64]
) -> tuple[Sequence[float], Sequence[float], list[ErrorKind | None] | None]:
    """Latencies, costs and errors, ``None`` for no error at all."""
    seconds = list(map(service.seconds, tasks))
    latency = np.array(seconds) * list(map(service.stretch, luck[:, 2].tolist()))
    cost = np.array([task.cost for task in tasks]) * price
    never = np.array(seconds) == math.inf
    late = ~never & (latency > service.timeout)
    failed = ~never & ~late & (luck[:, 0] >= service.success)
    if not (never.any() or late.any() or failed.any()):
        return latency.tolist(), cost.tolist(), None
    share = np.divide(service.timeout, latency, out=np.ones(len(tasks)), where=late)
    cost = np.where(never, 0.0, np.where(late, np.minimum(1.0, share) * cost, cost))
    latency = np.where(never, 0.0, np.where(late, service.timeout, latency))
    error: list[ErrorKind | None] = [None] * len(tasks)
    hopeless = luck[:, 1] < service.permanent
    for rows, kind in (
        (never, _TRANSIENT),
        (late, ErrorKind.TIMEOUT),
        (failed & hopeless, ErrorKind.PERMANENT),
        (failed & ~hopeless, _TRANSIENT),
    ):
        for row in np.flatnonzero(rows).tolist():
            error[row] = kind
    return latency.tolist(), cost.tolist(), error
