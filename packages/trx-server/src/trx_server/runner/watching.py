"""What a runner tells others of its work: numbers for Prometheus, and the log for collectors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final

from prometheus_client import Metric
from prometheus_client.registry import Collector

from trx_core.cli import parse_named
from trx_core.engine import (
    Collectors,
    NamedAlgorithm,
    NamedCollector,
    dispatched,
    enqueued,
    settled,
)
from trx_core.errors import PluginError
from trx_core.interrupts import is_the_users
from trx_core.kernel import Decide, Settlement, Start
from trx_core.models import LogEntry
from trx_core.plugins import Registry
from trx_core.plugins.wiring import make_collector
from trx_server.runner.metrics import RunnerMetrics

__all__ = ["Watching"]

FIRST: Final = 1

logger = logging.getLogger(__name__)


class Watching:
    """Counts what happens, and feeds the schedule log of this runner to metric collectors.

    The API writes down a task's acceptance; collectors hear of it here, just before the task's
    first attempt starts, so that they can tell how long it has waited.

    Attributes:
        metrics: what Prometheus may scrape; shows the collectors that declare it, too.

    Args:
        registry: the plugins.
        collectors: as the setting has them.

    A collector that its plugin cannot make is told to the log, and left out.

    Raises:
        CallerError: a collector is unknown, or does not take its parameters.
    """

    def __init__(self, registry: Registry, collectors: Sequence[str]) -> None:
        self.metrics = RunnerMetrics()
        made = [named for text in collectors if (named := _made(registry, text)) is not None]
        self._collectors = Collectors(made, watcher=self.metrics)
        for named in made:
            if named.exposes:
                self.metrics.registry.register(_Guarded(named))

    def offered(self, algorithm: NamedAlgorithm, effect: Decide) -> None:
        """A round opens, and it is the algorithm's turn."""
        self.metrics.offered(algorithm, len(effect.problem.tasks))

    def started(self, effect: Start) -> None:
        """Attempts start."""
        self.metrics.started(effect.attempts)
        if not self._collectors.named:
            return
        entries: list[LogEntry] = []
        for attempt in effect.attempts:
            if attempt.number == FIRST:
                entries.append(enqueued(attempt.task))
            entries.append(dispatched(attempt))
        self._collectors.observe(entries)

    def settled(self, settlements: Sequence[Settlement]) -> None:
        """Attempts are closed, and it is written down."""
        if self._collectors.named:
            self._collectors.observe([settled(settlement) for settlement in settlements])

    def close(self, within: float) -> None:
        """Let the collectors finish; give up after so many seconds."""
        self._collectors.close(within)


def _made(registry: Registry, text: str) -> NamedCollector | None:
    try:
        return make_collector(registry, *parse_named(text))
    except PluginError as error:
        logger.exception("the runner goes on without the metric collector %r. %s", text, error)
        return None


class _Guarded(Collector):
    """A collector's own metrics; what it raises when it is asked for them spoils no scrape."""

    def __init__(self, named: NamedCollector) -> None:
        self._named = named

    def collect(self) -> Iterable[Metric]:
        collector: Any = self._named.collector
        try:
            return list(collector.collect())
        except BaseException as error:
            if is_the_users(error):
                raise
            logger.warning(
                "metric collector %r (%s) cannot tell its metrics",
                self._named.name,
                self._named.provider,
                exc_info=True,
            )
            return []
