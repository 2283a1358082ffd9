"""Prometheus metrics of tasks, folded from the schedule log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric

from trx_core.models import EventType, LogEntry, ScheduleLog

__all__ = ["TaskMetrics"]

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
UNKNOWN: Final = "unknown"


class TaskMetrics:
    """A :class:`~trx_core.protocols.MetricCollector` that Prometheus can scrape: attempts by pool
    and outcome, money by pool, and histograms of waiting and of service.

    It keeps when each task was accepted until its first attempt starts, and nothing else by task.
    Entries that come twice count twice.

    Args:
        buckets: upper bounds of the histograms, seconds, rising.

    Raises:
        ValueError: ``buckets`` do not rise.
    """

    def __init__(self, buckets: Sequence[float] = SECONDS) -> None:
        self._registry = CollectorRegistry()
        self._accepted: dict[UUID, float] = {}
        self._started = self._counter("trx_task_attempts_started", "Attempts that started.", "pool")
        self._ended = self._counter(
            "trx_task_attempts_ended",
            "Attempts that ended: completed, retried, dead_lettered, or recovered from a dead "
            "runner.",
            "pool",
            "outcome",
        )
        self._money = self._counter("trx_task_money", "Money that attempts cost.", "pool")
        self._wait = Histogram(
            "trx_task_wait_seconds",
            "From a task's acceptance to the start of its first attempt, by the pool of that.",
            ("pool",),
            buckets=buckets,
            registry=self._registry,
        )
        self._service = Histogram(
            "trx_task_service_seconds",
            "How long attempts took.",
            ("pool", "outcome"),
            buckets=buckets,
            registry=self._registry,
        )
        self._handlers: Final[Mapping[str, Callable[[LogEntry | ScheduleLog], None]]] = {
            EventType.ENQUEUED: self._enqueued,
            EventType.DISPATCHED: self._dispatched,
            EventType.COMPLETED: self._settled,
            EventType.RETRIED: self._settled,
            EventType.DEAD_LETTERED: self._settled,
            EventType.RECOVERED: self._settled,
            EventType.CANCELLED: self._cancelled,
        }

    def observe(self, entries: Sequence[LogEntry | ScheduleLog]) -> None:
        """Take in a batch; kinds that are not known are passed over."""
        for entry in entries:
            handle = self._handlers.get(entry.event_type)
            if handle is not None:
                handle(entry)

    def collect(self) -> Iterable[Metric]:
        """The metrics, as prometheus-client has them."""
        return self._registry.collect()

    def numbers(self) -> dict[str, float]:
        """Sample, as Prometheus writes it, → value; times of creation are left out."""
        return {
            f"{sample.name}{_labels(sample.labels)}": sample.value
            for metric in self.collect()
            for sample in metric.samples
            if not sample.name.endswith("_created")
        }

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, registry=self._registry)

    def _enqueued(self, entry: LogEntry | ScheduleLog) -> None:
        self._accepted[entry.task_id] = entry.timestamp

    def _dispatched(self, entry: LogEntry | ScheduleLog) -> None:
        pool = _pool(entry.details)
        self._started.labels(pool).inc()
        since = self._accepted.pop(entry.task_id, None)
        if since is not None:
            self._wait.labels(pool).observe(max(0.0, entry.timestamp - since))

    def _settled(self, entry: LogEntry | ScheduleLog) -> None:
        details, outcome = entry.details, str(entry.event_type)
        pool = _pool(details)
        self._accepted.pop(entry.task_id, None)
        self._ended.labels(pool, outcome).inc()
        self._money.labels(pool).inc(max(0.0, details.get("cost", 0.0)))
        if "latency" in details:
            self._service.labels(pool, outcome).observe(details["latency"])

    def _cancelled(self, entry: LogEntry | ScheduleLog) -> None:
        self._accepted.pop(entry.task_id, None)


def _pool(details: Mapping[str, Any]) -> str:
    return str(details.get("pool", UNKNOWN))


def _labels(labels: Mapping[str, str]) -> str:
    inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""
