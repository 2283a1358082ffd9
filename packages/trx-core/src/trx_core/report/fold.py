"""Folds the schedule log into a summary, batch by batch."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trx_core.models import EventType, Fleet, LogEntry, ScheduleLog
from trx_core.report.columns import NONE, Ending, Names, PoolTotals, TaskColumns
from trx_core.report.summary import PoolUse, Quantiles, Summary

__all__ = ["Fold"]

_Details = Mapping[str, Any]
_Half = tuple[float, PoolTotals | None, int]

_UNKNOWN: Final = "unknown"


class Fold:
    """A :class:`~trx_core.protocols.MetricCollector` whose numbers are a :class:`Summary`::

        fold = Fold()
        fold.observe(entries)
        print(fold.summary(fleet).completed)

    Entries may come in any order and more than once: an entry is known by its task, its kind and
    its attempt. A detail that is missing is left out of the sums.
    """

    def __init__(self) -> None:
        self._tasks = TaskColumns()
        self._pools: dict[str, PoolTotals] = {}
        self._algorithms = Names()
        self._reasons = Names()
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

    def summary(self, fleet: Fleet | Mapping[str, int] | None = None) -> Summary:
        """What was observed so far.

        Args:
            fleet: tells the capacities that utilisation needs: a fleet, or slots by pool name.
        """
        tasks = self._tasks
        ending, retries = np.array(tasks.ending), np.array(tasks.retries)
        endings = np.bincount(ending, minlength=len(Ending)).tolist()
        enqueued, dispatched = np.array(tasks.enqueued), np.array(tasks.dispatched)
        spent = np.array(tasks.ended) - enqueued
        span = max(self._last - self._first, 0.0)
        pools = self._pool_uses(_capacities(fleet), span)
        busy = sum(pool.busy for pool in pools)
        return Summary(
            accepted=len(tasks.rows),
            completed=endings[Ending.COMPLETED],
            failed=endings[Ending.FAILED],
            dead_lettered=_tally(self._reasons.codes, tasks.reason),
            cancelled=endings[Ending.CANCELLED],
            open=endings[Ending.OPEN],
            retried=int(np.count_nonzero(retries)),
            attempts=sum(pool.attempts for pool in pools),
            retries=int(retries.sum()),
            recoveries=self._recoveries,
            wait=_quantiles(dispatched - enqueued),
            end_to_end=_quantiles(spent[ending == Ending.COMPLETED]),
            cost=sum(pool.cost for pool in pools),
            busy=busy,
            utilisation=_ratio(busy, span * sum(pool.capacity or 0 for pool in pools)),
            span=span,
            throughput=_ratio(endings[Ending.COMPLETED], span),
            pools=pools,
            algorithms=_tally(self._algorithms.codes, tasks.algorithm),
        )

    def _enqueued(self, row: int, at: float, _: _Details) -> None:
        _keep_least(self._tasks.enqueued, row, at)

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
            tasks.algorithm[row] = self._algorithms.code(details.get("algorithm", _UNKNOWN))
        self._meet((row, number), at, pool, details.get("slots", 1))

    def _completed(self, row: int, at: float, details: _Details) -> None:
        self._close(row, at, details)
        self._end(row, at, Ending.COMPLETED)

    def _retried(self, row: int, at: float, details: _Details) -> None:
        if self._close(row, at, details):
            self._tasks.retries[row] += 1

    def _dead_lettered(self, row: int, at: float, details: _Details) -> None:
        self._close(row, at, details)
        self._end(row, at, Ending.FAILED, self._reasons.code(details.get("reason", _UNKNOWN)))

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
        owner = known or pool
        if owner is not None:
            owner.busy += abs(at - since) * max(slots, width)

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

    def _pool_uses(self, capacities: Mapping[str, int], span: float) -> tuple[PoolUse, ...]:
        tasks = _tally({name: pool.code for name, pool in self._pools.items()}, self._tasks.pool)
        return tuple(
            PoolUse(
                name=name,
                tasks=tasks.get(name, 0),
                attempts=totals.attempts,
                busy=totals.busy,
                capacity=capacities.get(name),
                utilisation=_ratio(totals.busy, span * capacities.get(name, 0)),
                cost=totals.cost,
            )
            for name in dict.fromkeys((*capacities, *sorted(self._pools)))
            for totals in (self._pools.get(name) or PoolTotals(NONE),)
        )


def _capacities(fleet: Fleet | Mapping[str, int] | None) -> Mapping[str, int]:
    if isinstance(fleet, Fleet):
        return {pool.name: pool.capacity for pool in fleet.pools}
    return fleet or {}


def _keep_least(times: array[float], row: int, at: float) -> None:
    if not times[row] <= at:
        times[row] = at


def _tally(codes: Mapping[str, int], column: array[int]) -> dict[str, int]:
    """How often each name stands in a column, most first."""
    counts = np.bincount(np.array(column) + 1, minlength=len(codes) + 1)[1:].tolist()
    found = [(name, counts[code]) for name, code in codes.items() if counts[code]]
    return dict(sorted(found, key=lambda item: (-item[1], item[0])))


def _quantiles(times: npt.NDArray[np.float64]) -> Quantiles:
    known = times[~np.isnan(times)]
    if not known.size:
        return Quantiles(None, None, None)
    return Quantiles(*np.quantile(known, (0.50, 0.95, 0.99)).tolist())


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
