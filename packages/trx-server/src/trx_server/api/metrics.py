"""Prometheus metrics of an API process, and of the whole service as the servers have it."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

__all__ = ["ApiMetrics", "render"]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


class ApiMetrics:
    """Counters and histograms of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "trx_http_requests",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "trx_http_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._accepted = Counter(
            "trx_tasks_accepted", "Tasks stored and answered 202.", registry=self.registry
        )
        self._batch = Histogram(
            "trx_accept_batch_rows",
            "Tasks written by one statement of the accept path.",
            buckets=ROWS,
            registry=self.registry,
        )
        self._published = Counter(
            "trx_tasks_published", "Entries this process put in the stream.", registry=self.registry
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; ``route`` is a template, not a path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def accepted(self, rows: int) -> None:
        """Count one statement that stored ``rows`` tasks."""
        self._accepted.inc(rows)
        self._batch.observe(rows)

    def published(self, entries: int) -> None:
        """Count entries put in the stream."""
        self._published.inc(entries)


class _Snapshot(Collector):
    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def render(metrics: ApiMetrics, gauges: Iterable[GaugeMetricFamily]) -> bytes:
    """The text exposition format, version 0.0.4, of this process and of ``gauges``."""
    snapshot = CollectorRegistry()
    snapshot.register(_Snapshot(gauges))
    return generate_latest(metrics.registry) + generate_latest(snapshot)
