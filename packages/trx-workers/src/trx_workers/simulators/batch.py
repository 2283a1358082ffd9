"""Many outcomes of one kind of service at once, where nothing but chance decides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.models import ErrorKind, Task
from trx_core.protocols import Sampler, Samples
from trx_workers.simulators.service import Service

__all__ = ["sampler"]

_TRANSIENT: Final = ErrorKind.TRANSIENT

Floats = NDArray[np.float64]


def sampler(
    usual: Service, by_type: Mapping[str, Service], tasks: Sequence[Task], price: float
) -> Sampler:
    """What draws an outcome per task, to the bit what :meth:`Simulated.sample` draws where the pool
    has no conditions.

    Args:
        usual: of the types that are not named.
        by_type: of others.
        tasks: [N] at least one.
        price: of a work unit.
    """
    if not by_type:
        return _sampler(usual, tasks, price)
    of_type: dict[str | None, list[int]] = {}
    for row, task in enumerate(tasks):
        of_type.setdefault(task.type if task.type in by_type else None, []).append(row)
    parts = [
        (
            np.array(rows),
            _sampler(usual if kind is None else by_type[kind], [tasks[row] for row in rows], price),
        )
        for kind, rows in of_type.items()
    ]

    def sample(luck: Floats) -> Samples:
        latency, cost = np.empty(len(tasks)), np.empty(len(tasks))
        errors: dict[int, ErrorKind] = {}
        for rows, draw in parts:
            latency[rows], cost[rows], some = draw(luck[rows])
            errors.update((rows.item(at), kind) for at, kind in some.items())
        return Samples(latency, cost, errors)

    return sample


def _sampler(service: Service, tasks: Sequence[Task], price: float) -> Sampler:
    seconds = np.array([service.seconds(task) for task in tasks], dtype=np.float64)
    price_of = np.array([task.cost for task in tasks]) * price
    never = seconds == math.inf
    some_never = bool(never.any())
    seconds[never] = 0.0

    def sample(luck: Floats) -> Samples:
        latency = seconds * service.stretch_many(luck[:, 2])
        late = latency > service.timeout
        failed = luck[:, 0] >= service.success
        if not (some_never or late.any() or failed.any()):
            return Samples(latency, price_of)
        late &= ~never
        failed &= ~never & ~late
        share = np.divide(service.timeout, latency, out=np.ones(len(tasks)), where=late)
        cost = np.where(never, 0.0, np.where(late, np.minimum(1.0, share) * price_of, price_of))
        latency = np.where(late, service.timeout, latency)
        hopeless = luck[:, 1] < service.permanent
        errors = {
            row: kind
            for rows, kind in (
                (never, _TRANSIENT),
                (late, ErrorKind.TIMEOUT),
                (failed & hopeless, ErrorKind.PERMANENT),
                (failed & ~hopeless, _TRANSIENT),
            )
            for row in np.flatnonzero(rows).tolist()
        }
        return Samples(latency, cost, errors)

    return sample
