"""Tenants share the fleet by their weights."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heapreplace
from math import isfinite
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.orderings import durations
from trx_algorithms.seats import Seats
from trx_core.models import Task
from trx_core.routing import HOLD, Decision, RoutingProblem

__all__ = ["WeightedFairQueueing"]

MEASURES: Final[Mapping[str, Callable[[RoutingProblem], NDArray[np.float64]]]] = MappingProxyType(
    {
        "tasks": lambda problem: np.ones(len(problem.tasks)),
        "work": lambda problem: problem.size,
        "slot-seconds": lambda problem: problem.slots * durations(problem),
    }
)
"""[T] what a task takes of its tenant's share."""


class WeightedFairQueueing:
    """Tenants in proportion to their weights, each one's tasks in order of arrival.

    Start-time fair queueing (P. Goyal, H. Vin and H. Cheng, "Start-time fair queueing", SIGCOMM
    1996): a tenant's next task starts, in virtual time, when the one before it has finished, or
    now, if the tenant was away; a task of amount ``a`` takes ``a / weight``. The tasks that start
    first go first, each to the cheapest pool that may take it and has room. While several tenants
    have tasks waiting, what they have been given differs from their shares by a task or so. Who was
    away has saved up nothing, and who used what nobody else wanted owes nothing: when all that
    waits is placed, the score is settled.

    O(T·(P + log T)). State: virtual time, and where each of at most ``tenants`` tenants stands;
    one that is behind virtual time takes no room, and of too many those least ahead start anew.

    Use it where customers or teams share a fleet and none may crowd the others out. It is fair
    among the tasks in a round's window: have the window hold more tasks than the largest burst, or
    one tenant's burst fills it. Do not use it where single tasks are urgent: priorities do not
    count. A task that fits nowhere is passed over, so that tasks of many slots may wait long.

    Args:
        key: field of a task's metadata that names its tenant; tasks without it are one tenant's.
        weights: tenant → weight above 0; one that is not named weighs 1.
        measure: what is shared: ``slot-seconds`` (expected), ``work`` (the tasks' sizes) or
            ``tasks``.
        tenants: remembered at most, from 1.

    Raises:
        ValueError: a weight is not above 0, there is no such measure, or ``tenants`` is below 1.
    """

    def __init__(
        self,
        key: str = "tenant",
        weights: Mapping[str, float] | None = None,
        measure: str = "slot-seconds",
        tenants: int = 10_000,
    ) -> None:
        given = dict(weights or {})
        wrong = [name for name, value in given.items() if not (isfinite(value) and value > 0)]
        if wrong:
            raise ValueError(f"weights must be above 0; these are not: {', '.join(wrong)}")
        if measure not in MEASURES:
            raise ValueError(f"measure must be one of {', '.join(MEASURES)}, not {measure!r}")
        if tenants < 1:
            raise ValueError(f"tenants must be at least 1, not {tenants}")
        self.key = key
        self.weights = given
        self.measure = measure
        self.tenants = tenants
        self._now = 0.0
        self._finish: dict[str, float] = {}

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each task."""
        seats, cost = Seats(problem), problem.cost.tolist()
        amount: list[float] = MEASURES[self.measure](problem).tolist()
        queues = self._queues(problem)
        heap = [(self._start(name), rows[0], name) for name, rows in queues.items()]
        heapify(heap)
        placed, order = [HOLD] * len(problem.tasks), []
        while heap:
            start, row, tenant = heap[0]
            order.append(row)
            pools = seats.open_to(row)
            if pools:
                placed[row] = min(pools, key=cost[row].__getitem__)
                seats.take(row, placed[row])
                self._now = start
                start += amount[row] / self.weights.get(tenant, 1.0)
                self._finish[tenant] = start
            queues[tenant].popleft()
            if queues[tenant]:
                heapreplace(heap, (start, queues[tenant][0], tenant))
            else:
                heappop(heap)
        self._tidy_up(settled=HOLD not in placed)
        return Decision(placed, order=order)

    def _queues(self, problem: RoutingProblem) -> dict[str, deque[int]]:
        queues: dict[str, deque[int]] = {}
        for row, task in enumerate(problem.tasks):
            queues.setdefault(self._tenant(task), deque()).append(row)
        return queues

    def _tenant(self, task: Task) -> str:
        return str(task.metadata.get(self.key, ""))

    def _start(self, tenant: str) -> float:
        return max(self._now, self._finish.get(tenant, 0.0))

    def _tidy_up(self, *, settled: bool) -> None:
        """Forget who is not ahead of virtual time, and of too many those that are least ahead."""
        if settled:
            self._now, self._finish = 0.0, {}
            return
        ahead = [(at, name) for name, at in self._finish.items() if at > self._now]
        if len(ahead) > self.tenants:
            ahead = sorted(ahead, reverse=True)[: self.tenants]
        self._finish = {name: at for at, name in ahead}
