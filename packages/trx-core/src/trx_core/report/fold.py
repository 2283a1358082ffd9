"""Folds the schedule log into a summary, batch by batch."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trx_core.kernel import Settlement
from trx_core.models import Attempt, EventType, Fleet, LogEntry, ScheduleLog, Task
from trx_core.report.batch import Closed, accept, close, closed_of
from trx_core.report.columns import (
    NONE,
    AttemptColumns,
    Ending,
    Names,
    PoolTotals,
    TaskColumns,
)
from trx_core.report.samples import Samples, distribution, group_uses, jain, ratio
from trx_core.report.summary import Summary
from trx_core.report.timeline import BINS, Timeline
from trx_core.report.uses import capacities, pool_uses, tally

__all__ = ["SHORT", "Fold"]

_Details = Mapping[str, Any]
_Half = tuple[float, PoolTotals | None, int]

_UNKNOWN: Final = "unknown"

SHORT: Final = 10.0
"""Seconds, as is usual for batch jobs."""


class Fold:
    """A :class:`~trx_core.protocols.MetricCollector` whose numbers are a :class:`Summary`::

        fold = Fold()
        fold.observe(entries)
        print(fold.summary(fleet).completed)

    Entries may come in any order and more than once: an entry is known by its task, its kind and
    its attempt. A detail that is missing is left out of the sums.

    Args:
        short: seconds below which a service time counts as that long in bounded slowdowns, above 0.
        tenant_key: the field of a task's metadata that names its tenant.

    Attributes:
        algorithms: numbers of algorithms, in the order in which they are met.
        reasons: numbers of reasons of death.
    """

    def __init__(self, *, short: float = SHORT, tenant_key: str = "tenant") -> None:
        self._short = short
        self._tenant_key = tenant_key
        self._tasks = TaskColumns()
        self._attempts = AttemptColumns()
        self._regions = Names()
        self._tenants = Names()
        self._pools: dict[str, PoolTotals] = {}
        self.algorithms = Names()
        self.reasons = Names()
        self._halves: dict[tuple[int, int], _Half] = {}
        self._recoveries = 0
        self._first = float("inf")
        self._last = float("-inf")
        self._handlers: Final[Mapping[str, Callable[[int, float, _Details], None]]] = {
            EventType.ENQUEUED: self._enqueued,
            EventType.DISPATCHED: self._dispatched,
            EventType.COMPLETED: self._completed,
            EventType.RETRIED: self._retried,
            EventType.DEAD_LETTERED: self._dead_lettered,
            EventType.CANCELLED: self._cancelled,
            EventType.RECOVERED: self._recovered,
        }

    def observe(self, entries: Sequence[LogEntry | ScheduleLog]) -> None:
        """Take in a batch of log entries; kinds that are not known are passed over."""
        row_of, handlers = self._tasks.row, self._handlers
        first, last = self._first, self._last
        for entry in entries:
            handle = handlers.get(entry.event_type)
            if handle is None:
                continue
            at = entry.timestamp
            if at < first:
                first = at
            if at > last:
                last = at
            handle(row_of(entry.task_id), at, entry.details)
        self._first, self._last = first, last

    def observe_deeds(self, deeds: Sequence[Task | Attempt | Settlement]) -> None:
        """Take in a batch of what happened as values, each once and in the order of time: the same
        as of its entries, many times as fast. An attempt counts when it is closed.
        """
        tasks = [deed for deed in deeds if type(deed) is Task]
        closed = [deed for deed in deeds if type(deed) is Settlement]
        if tasks:
            self.accept(tasks)
        if closed:
            row_of, code = self._tasks.rows, self.pool_code
            self.close(closed_of(closed, row_of, code, self.algorithms, self.reasons))

    def accept(self, tasks: Sequence[Task]) -> NDArray[np.int64]:
        """Take in tasks that were accepted, at least one, not seen before and in the order of time;
        their rows."""
        self._first = min(self._first, tasks[0].enqueued_at)
        self._last = max(self._last, tasks[-1].enqueued_at)
        return accept(self._tasks, self._regions, self._tenants, self._tenant_key, tasks)

    def close(self, closed: Closed) -> None:
        """Take in attempts that were closed, at least one."""
        self._last = max(self._last, float(closed.ended[-1]))
        close(self._tasks, self._attempts, closed)
        totals = list(self._pools.values())
        codes = np.concatenate((np.arange(len(totals)), closed.pool))
        costs = np.concatenate(([one.cost for one in totals], closed.cost))
        attempts = np.bincount(closed.pool, minlength=len(totals)).tolist()
        charged = np.bincount(codes, costs).tolist()
        for one, count, cost in zip(totals, attempts, charged, strict=True):
            one.attempts += count
            one.cost = cost

    def pool_code(self, name: str) -> int:
        """The number of a pool, from 0."""
        return self._pool(name).code

    def expect(self, task: Task) -> None:
        """Note what the log does not tell of a task: its deadline and its tenant."""
        tenant = task.metadata.get(self._tenant_key)
        if task.deadline is None and tenant is None:
            return
        row = self._tasks.row(task.id)
        if task.deadline is not None:
            self._tasks.deadline[row] = task.deadline
        if tenant is not None:
            self._tasks.tenant[row] = self._tenants.code(str(tenant))

    def samples(self) -> Samples:
        """The times of every task so far."""
        return Samples.of(self._tasks, self._short)

    def timeline(self, bins: int = BINS, until: float | None = None) -> Timeline:
        """What went on from the first entry to ``until`` (seconds on the log's clock; ``None``: to
        the last entry), in ``bins`` equal spans, from 1."""
        codes = {name: totals.code for name, totals in self._pools.items()}
        last = self._last if until is None else until
        return Timeline.of(
            self.samples(), self._attempts, codes, since=self._first, until=last, bins=bins
        )

    def summary(self, fleet: Fleet | Mapping[str, int] | None = None) -> Summary:
        """What was observed so far.

        Args:
            fleet: tells the capacities that utilisation needs: a fleet, or slots by pool name.
        """
        tasks, samples = self._tasks, self.samples()
        retries = np.array(tasks.retries)
        endings = np.bincount(samples.ending, minlength=len(Ending)).tolist()
        span = max(self._last - self._first, 0.0)
        pools = pool_uses(self._pools, self._tasks, self._attempts, capacities(fleet), span)
        busy = sum(pool.busy for pool in pools)
        due = samples.due(self._last)
        tenants = group_uses(self._tenants.codes, tasks.tenant, samples)
        regions = group_uses(self._regions.codes, tasks.region, samples)
        return Summary(
            accepted=len(tasks.rows),
            completed=endings[Ending.COMPLETED],
            failed=endings[Ending.FAILED],
            dead_lettered=tally(self.reasons.codes, tasks.reason),
            cancelled=endings[Ending.CANCELLED],
            open=endings[Ending.OPEN],
            retried=int(np.count_nonzero(retries)),
            attempts=sum(pool.attempts for pool in pools),
            retries=int(retries.sum()),
            recoveries=self._recoveries,
            wait=distribution(samples.wait),
            end_to_end=distribution(samples.end_to_end),
            slowdown=distribution(samples.slowdown),
            bounded_slowdown=distribution(samples.bounded_slowdown),
            short=self._short,
            deadlines=int(np.count_nonzero(due)),
            deadline_misses=int(np.count_nonzero(due & samples.late)),
            cost=sum(pool.cost for pool in pools),
            busy=busy,
            utilisation=ratio(busy, span * sum(pool.capacity or 0 for pool in pools)),
            span=span,
            throughput=ratio(endings[Ending.COMPLETED], span),
            pools=pools,
            algorithms=tally(self.algorithms.codes, tasks.algorithm),
            tenants=tenants,
            regions=regions,
            tenant_fairness=jain([group.speed for group in tenants]),
            region_fairness=jain([group.speed for group in regions]),
        )

    def _enqueued(self, row: int, at: float, details: _Details) -> None:
        _keep_least(self._tasks.enqueued, row, at)
        region = details.get("region")
        if region is not None:
            self._tasks.region[row] = self._regions.code(region)

    def _dispatched(self, row: int, at: float, details: _Details) -> None:
        tasks = self._tasks
        number = details.get("attempt", 1)
        if tasks.placed[row] >> number & 1:
            return
        tasks.placed[row] |= 1 << number
        _keep_least(tasks.dispatched, row, at)
        pool = self._pool(details.get("pool", _UNKNOWN))
        pool.attempts += 1
        if number > tasks.latest[row]:
            tasks.latest[row] = number
            tasks.pool[row] = pool.code
            tasks.algorithm[row] = self.algorithms.code(details.get("algorithm", _UNKNOWN))
        self._meet((row, number), at, pool, details.get("slots", 1))

    def _completed(self, row: int, at: float, details: _Details) -> None:
        self._close(row, at, details)
        self._end(row, at, Ending.COMPLETED)

    def _retried(self, row: int, at: float, details: _Details) -> None:
        if self._close(row, at, details):
            self._tasks.retries[row] += 1

    def _dead_lettered(self, row: int, at: float, details: _Details) -> None:
        self._close(row, at, details)
        self._end(row, at, Ending.FAILED, self.reasons.code(details.get("reason", _UNKNOWN)))

    def _cancelled(self, row: int, at: float, _: _Details) -> None:
        self._end(row, at, Ending.CANCELLED)

    def _recovered(self, row: int, at: float, details: _Details) -> None:
        if self._close(row, at, details):
            self._recoveries += 1

    def _close(self, row: int, at: float, details: _Details) -> bool:
        """End an attempt; whether that is news."""
        number = details.get("attempt", 0)
        if self._tasks.closed[row] >> number & 1:
            return False
        self._tasks.closed[row] |= 1 << number
        name = details.get("pool")
        pool = None if name is None else self._pool(name)
        if pool is not None:
            pool.cost += details.get("cost", 0.0)
        self._meet((row, number), at, pool, details.get("slots", 1))
        return True

    def _meet(self, run: tuple[int, int], at: float, pool: PoolTotals | None, slots: int) -> None:
        """Join the start of an attempt and its end, whichever comes first, into time occupied."""
        other = self._halves.pop(run, None)
        if other is None:
            self._halves[run] = (at, pool, slots)
            return
        since, known, width = other
        begun, done = min(since, at), max(since, at)
        row, number = run
        if number == self._tasks.latest[row]:
            self._tasks.service[row] = done - begun
        owner = known or pool
        if owner is not None:
            self._attempts.add(owner.code, max(slots, width), begun, done)

    def _end(self, row: int, at: float, ending: Ending, reason: int = NONE) -> None:
        tasks = self._tasks
        if not at <= tasks.ended[row]:
            tasks.ended[row] = at
            tasks.ending[row] = ending
            tasks.reason[row] = reason

    def _pool(self, name: str) -> PoolTotals:
        totals = self._pools.get(name)
        if totals is None:
            totals = self._pools[name] = PoolTotals(len(self._pools))
        return totals


def _keep_least(times: array[float], row: int, at: float) -> None:
    if not times[row] <= at:
        times[row] = at
