"""Checks of the numbers that a collector makes of the log."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from trx_core.models import LogEntry
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.collectors.subject import (
    CollectorSubject,
    copies,
    numbers_of,
    readings,
    unseen_log,
)
from trx_core.testing.comparing import alike
from trx_core.testing.samples import sample_log

__all__ = [
    "follow_a_long_log",
    "follow_the_log",
    "ignore_batches",
    "ignore_order",
    "ignore_repeats",
    "ignore_reuse",
]

LOGS: Final = 40
LATER: Final = 1e6
"""Seconds."""


def follow_the_log(subject: CollectorSubject) -> None:
    """Its numbers can be read where it declares them, before the first entry too, and are others
    after a log of a hundred tasks than after none. To read them changes nothing, and each
    collector has its own.
    """
    none, log = numbers_of(subject, []), unseen_log()
    if alike(none, numbers_of(subject, [copies(log)])):
        raise CheckFailure("its numbers are the same whether or not it has seen a log")
    once, again = readings(subject, [copies(log)], 2)
    if not alike(once, again):
        raise CheckFailure("its numbers are others when they are read a second time")
    if not alike(none, numbers_of(subject, [])):
        raise CheckFailure("a new one has numbers of what another one has seen")


def follow_a_long_log(subject: CollectorSubject) -> None:
    """After ten thousand entries its numbers still follow the log: they change once more when as
    many come of other types, on other pools, later, dearer and slower. Nothing fills up.
    """
    usual = [unseen_log() for _ in range(LOGS)]
    strange = [[_strange(entry) for entry in unseen_log()] for _ in range(LOGS)]
    if alike(numbers_of(subject, []), numbers_of(subject, usual[:1])):
        raise NotApplicable("its numbers do not follow a short log either")
    if alike(numbers_of(subject, usual), numbers_of(subject, usual + strange)):
        count = sum(map(len, usual))
        raise CheckFailure(f"its numbers do not change any more after {count:,} entries")


def _strange(entry: LogEntry) -> LogEntry:
    """The same of another type, on another pool, later, dearer and slower."""
    details = dict(entry.details)
    for name in ("cost", "latency"):
        if name in details:
            details[name] *= 7.0
    for name in ("type", "pool", "pool_id"):
        if name in details:
            details[name] += "-elsewhere"
    return entry._replace(timestamp=entry.timestamp + LATER, details=details)


def ignore_batches(subject: CollectorSubject) -> None:
    """The numbers are the same however the log is cut into batches, empty ones included."""
    log = sample_log()
    whole = numbers_of(subject, [copies(log)])
    for size in (1, 2, 17):
        cut = [copies(log[start : start + size]) for start in range(0, len(log), size)]
        if not alike(whole, numbers_of(subject, [[], *cut, []])):
            raise CheckFailure(f"batches of {size} give other numbers than the log in one piece")


def ignore_order(subject: CollectorSubject) -> None:
    """The numbers are the same in whatever order the entries come, those of one task included:
    several processes write the log. A collector that needs order declares ``any_order=False``.
    """
    if not subject.declared.any_order:
        raise NotApplicable("it declares any_order=False")
    log = sample_log()
    shuffled = random.Random(1).sample(log, len(log))
    whole = numbers_of(subject, [copies(log)])
    for name, other in (("backwards", log[::-1]), ("shuffled", shuffled)):
        if not alike(whole, numbers_of(subject, [copies(other)])):
            raise CheckFailure(f"the log {name} gives other numbers")


def ignore_repeats(subject: CollectorSubject) -> None:
    """An entry that comes again counts once, at once or much later: a reader that starts over reads
    some of the log twice. A collector that counts it twice declares ``idempotent=False``.
    """
    if not subject.declared.idempotent:
        raise NotApplicable("it declares idempotent=False")
    log = sample_log()
    whole = numbers_of(subject, [copies(log)])
    stuttered = [entry for entry in log for _ in range(2)]
    for name, batches in (("each entry twice", [stuttered]), ("the log twice", [log, log])):
        if not alike(whole, numbers_of(subject, map(copies, batches))):
            raise CheckFailure(f"{name} gives other numbers than once")


def ignore_reuse(subject: CollectorSubject) -> None:
    """What it keeps is its own: a caller may empty the batch and use it again."""
    log = sample_log()
    whole = numbers_of(subject, [copies(log)])
    used = sample_log()

    def batches() -> Iterator[Sequence[LogEntry]]:
        yield used
        used.clear()

    if not alike(whole, numbers_of(subject, batches())):
        raise CheckFailure("its numbers change when the caller uses the batch again")
