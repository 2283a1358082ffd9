"""Metrics for Prometheus. Open to everyone who can reach the port: scrapers carry no token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import GaugeMetricFamily
from starlette.responses import PlainTextResponse, Response

from trx_core.models import Fleet
from trx_core.protocols import QueueDepth
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected
from trx_server.api.metrics import render
from trx_server.api.observation import Reading
from trx_server.store import Stats

__all__ = ["router", "service_gauges"]

POOL: Final = ("pool", "region", "resource_type")

router = APIRouter(prefix=f"{PREFIX}/metrics", tags=["metrics"])


@router.get("", response_class=PlainTextResponse, dependencies=[NO_QUERY])
async def metrics(services: Connected) -> Response:
    """This process's counters and histograms, and gauges of the whole service."""
    gauges = service_gauges(
        await services.observer.stats(),
        await services.observer.fleet(),
        await services.observer.depth(),
        services.acceptor.waiting,
        services.transport,
    )
    return Response(render(services.metrics, gauges), media_type=CONTENT_TYPE_LATEST)


def service_gauges(
    stats: Reading[Stats],
    fleet: Reading[Fleet | None],
    depth: Reading[QueueDepth],
    waiting: int,
    transport: str = "redis",
) -> list[GaugeMetricFamily]:
    """The gauges, as far as the servers could be read.

    Args:
        stats: counts of the ledger.
        fleet: the pools and their load.
        depth: what the queue holds.
        waiting: tasks that wait to be stored by this process.
        transport: what the queue's server is called.
    """
    up = GaugeMetricFamily("trx_dependency_up", "Whether a server answers.", labels=("dependency",))
    up.add_metric(("postgresql",), float(stats.error is None))
    up.add_metric((transport,), float(depth.error is None))
    gauges = [up]
    if stats.value is not None:
        gauges += _of_ledger(stats.value)
    if depth.value is not None:
        gauges += _of_queue(depth.value)
    if fleet.value is not None:
        gauges += _of_fleet(fleet.value)
    gauges.append(
        _gauge(
            "trx_accept_waiting",
            "Tasks that wait to be stored by this process.",
            waiting,
        )
    )
    return gauges


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def _of_ledger(stats: Stats) -> Iterator[GaugeMetricFamily]:
    tasks = GaugeMetricFamily("trx_tasks", "Tasks by status.", labels=("status",))
    for status, count in stats.tasks.items():
        tasks.add_metric((status,), count)
    yield tasks
    yield _gauge("trx_tasks_unpublished", "Queued tasks not in the stream.", stats.unpublished)
    yield _gauge("trx_tasks_delayed", "Queued tasks that must not start yet.", stats.delayed)
    yield _gauge("trx_dead_letters", "Dead letters.", stats.dead_letters)
    yield _gauge("trx_runners", "Runners whose lease runs.", stats.runners)
    yield _gauge(
        "trx_oldest_queued_seconds",
        "Age of the queued task that was accepted first.",
        stats.oldest_queued or 0.0,
    )


def _of_queue(depth: QueueDepth) -> Iterator[GaugeMetricFamily]:
    help_text = "Entries of the queue; a task may have two after a restart of Redis."
    entries = GaugeMetricFamily("trx_queue_depth", help_text, labels=("state",))
    for state, count in depth._asdict().items():
        entries.add_metric((state,), count)
    yield entries


def _of_fleet(fleet: Fleet) -> Iterator[GaugeMetricFamily]:
    load = GaugeMetricFamily("trx_pool_load", "Slots occupied.", labels=POOL)
    capacity = GaugeMetricFamily("trx_pool_capacity", "Slots.", labels=POOL)
    for pool in fleet.pools:
        labels = (pool.name, pool.region, pool.resource_type)
        load.add_metric(labels, pool.current_load)
        capacity.add_metric(labels, pool.capacity)
    yield load
    yield capacity
