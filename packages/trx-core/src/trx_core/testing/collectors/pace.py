"""The check of how long a collector takes."""

from __future__ import annotations

import time
from typing import Final

from trx_core.errors import describe
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.collectors.subject import CollectorSubject, unseen_log
from trx_core.testing.watch import watch

__all__ = ["keeps_pace"]

LOGS: Final = 80
ALONE: Final = 100
BUDGET: Final = 0.001
"""Seconds of processor time for an entry: a hundred times what a fold in plain Python takes."""


def keeps_pace(subject: CollectorSubject) -> str:
    """However many entries it has seen, it takes in a few hundred more in less than a millisecond
    of processor time each, twenty thousand entries long; and it never sleeps. That is no aim: an
    engine hands it thousands a second, and the time that it took is told.
    """
    try:
        return _pace(subject)
    except CheckFailure:
        raise
    except Exception as error:
        raise NotApplicable(f"it raised {describe(error)}") from None


def _pace(subject: CollectorSubject) -> str:
    _does_not_sleep(subject)
    collector, seen, dearest = subject.make(), 0, 0.0
    for _ in range(LOGS):
        log = unseen_log()
        started = time.process_time()
        collector.observe(log)
        spent = (time.process_time() - started) / len(log)
        if spent > BUDGET:
            raise CheckFailure(
                f"after {seen:,} entries it takes {spent * 1e3:.1f} ms for each of {len(log)} more"
            )
        seen, dearest = seen + len(log), max(dearest, spent)
    return f"{dearest * 1e6:.0f} µs for an entry at most, of {seen:,}"


def _does_not_sleep(subject: CollectorSubject) -> None:
    collector, log = subject.make(), unseen_log()
    with watch() as seen:
        collector.observe(log)
        for entry in log[:ALONE]:
            collector.observe([entry])
    asleep = [sight for sight in seen.clock if sight.startswith("time.sleep ")]
    if asleep:
        raise CheckFailure(f"it sleeps: {asleep[0]}")
