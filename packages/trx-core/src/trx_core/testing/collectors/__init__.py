"""What a metric collector must keep to, as checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from trx_core.capabilities import CollectorCapabilities
from trx_core.protocols import MetricCollector
from trx_core.testing.checks import Check, CheckResult, run_checks
from trx_core.testing.collectors import entries, numbers, pace
from trx_core.testing.collectors.subject import CollectorSubject

__all__ = ["COLLECTOR_CHECKS", "CollectorSubject", "check_collector"]

COLLECTOR_CHECKS: Final[Sequence[Check[CollectorSubject]]] = (
    Check("collector.events", "takes every kind of entry", entries.takes_every_kind),
    Check("collector.strangers", "bears what it does not know", entries.bears_strangers),
    Check("collector.purity", "does not change the entries", entries.leaves_alone),
    Check("collector.numbers", "has numbers that follow the log", numbers.follow_the_log),
    Check("collector.volume", "follows a long log to its end", numbers.follow_a_long_log),
    Check("collector.batches", "does not depend on the batches", numbers.ignore_batches),
    Check("collector.order", "does not depend on the order", numbers.ignore_order),
    Check("collector.repeats", "counts a repeated entry once", numbers.ignore_repeats),
    Check("collector.reuse", "keeps nothing that its caller may use again", numbers.ignore_reuse),
    Check("collector.pace", "takes its entries in good time", pace.keeps_pace),
)


def check_collector(
    make: Callable[[], MetricCollector], capabilities: CollectorCapabilities | None = None
) -> list[CheckResult]:
    """Check a metric collector against its contract.

    Args:
        make: makes a fresh one at each call, always set up in the same way.
        capabilities: what it declares of itself; by default the defaults, and then its numbers are
            not looked at.
    """
    return run_checks(
        COLLECTOR_CHECKS, CollectorSubject(make, capabilities or CollectorCapabilities())
    )
