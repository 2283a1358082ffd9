"""Prometheus metrics of a runner: who decides, how long it takes, and who needs standing in for."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from trx_core.engine import Blame, Loss, NamedAlgorithm, NamedCollector
from trx_core.models import Attempt
from trx_core.routing import Breaker

__all__ = ["RunnerMetrics"]

SECONDS: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
TASKS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
WHO: Final = ("algorithm", "distribution")
COLLECTOR: Final = ("collector", "distribution")


class RunnerMetrics:
    """A :class:`~trx_core.engine.DecisionWatcher` and a
    :class:`~trx_core.engine.CollectorWatcher` whose numbers Prometheus can scrape.

    Attributes:
        registry: has the metrics of one runner.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rounds = Counter(
            "trx_runner_rounds",
            "Decision rounds, by the algorithm whose turn it was.",
            WHO,
            registry=self.registry,
        )
        self._round_tasks = Histogram(
            "trx_runner_round_tasks",
            "Tasks that a decision round had before it.",
            WHO,
            buckets=TASKS,
            registry=self.registry,
        )
        self._decided = Counter(
            "trx_runner_tasks_decided",
            "Tasks placed and started, by who decided: an algorithm, or fallback-fifo for it.",
            ("algorithm",),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "trx_runner_decision_seconds",
            "Time that a call of an algorithm took, of those that answered within the budget.",
            WHO,
            buckets=SECONDS,
            registry=self.registry,
        )
        self._fallbacks = Counter(
            "trx_runner_fallbacks",
            "Rounds that first come, first served decided in an algorithm's place: it raised, "
            "overran, broke_contract, or was left_alone while its breaker was open.",
            (*WHO, "reason"),
            registry=self.registry,
        )
        self._breaker = Gauge(
            "trx_runner_algorithm_breaker",
            "1 for the state in which the algorithm's breaker was last seen, 0 for the others.",
            (*WHO, "state"),
            registry=self.registry,
        )

        self._collected = Counter(
            "trx_runner_collector_entries",
            "Entries of the schedule log that a metric collector took in.",
            COLLECTOR,
            registry=self.registry,
        )
        self._lost = Counter(
            "trx_runner_collector_lost",
            "Entries that did not reach a metric collector: it raised, fell_behind, or was "
            "left_alone after raising.",
            (*COLLECTOR, "reason"),
            registry=self.registry,
        )

    def offered(self, algorithm: NamedAlgorithm, tasks: int) -> None:
        """A round of so many tasks opens, and it is the algorithm's turn."""
        self._rounds.labels(*_who(algorithm)).inc()
        self._round_tasks.labels(*_who(algorithm)).observe(tasks)

    def started(self, attempts: Sequence[Attempt]) -> None:
        """Tasks were placed, claimed and started."""
        for name, count in Tally(attempt.algorithm for attempt in attempts).items():
            self._decided.labels(name).inc(count)

    def ran(self, algorithm: NamedAlgorithm, seconds: float) -> None:
        """See :class:`~trx_core.engine.DecisionWatcher`."""
        self._seconds.labels(*_who(algorithm)).observe(seconds)

    def fell_back(self, algorithm: NamedAlgorithm, blame: Blame) -> None:
        """See :class:`~trx_core.engine.DecisionWatcher`."""
        self._fallbacks.labels(*_who(algorithm), blame.value).inc()

    def stands(self, algorithm: NamedAlgorithm, breaker: Breaker) -> None:
        """See :class:`~trx_core.engine.DecisionWatcher`."""
        for state in Breaker:
            self._breaker.labels(*_who(algorithm), state.name.lower()).set(state is breaker)

    def collected(self, collector: NamedCollector, entries: int) -> None:
        """See :class:`~trx_core.engine.CollectorWatcher`."""
        self._collected.labels(collector.name, collector.distribution).inc(entries)

    def lost(self, collector: NamedCollector, entries: int, why: Loss) -> None:
        """See :class:`~trx_core.engine.CollectorWatcher`."""
        self._lost.labels(collector.name, collector.distribution, why.value).inc(entries)


def _who(algorithm: NamedAlgorithm) -> tuple[str, str]:
    return algorithm.name, algorithm.distribution
