"""Checks of the entries that a collector takes."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any
from uuid import UUID

from trx_core.errors import describe
from trx_core.models import EventType, LogEntry
from trx_core.protocols import MetricCollector
from trx_core.testing.checks import CheckFailure
from trx_core.testing.collectors.subject import CollectorSubject
from trx_core.testing.samples import sample_log

__all__ = ["bears_strangers", "leaves_alone", "takes_every_kind"]


def takes_every_kind(subject: CollectorSubject) -> None:
    """Entries of every event type are taken in without an exception, one by one and in batches, an
    empty one among them; also those of tasks whose first entries it has not seen.
    """
    collector = subject.make()
    log = sample_log()
    for name, batch in (("an empty batch", []), ("a log", log), ("a log backwards", log[::-1])):
        _observe(collector, batch, name)
    for kind in EventType:
        fresh = subject.make()
        for entry in (one for one in log if one.event_type is kind):
            _observe(fresh, [entry], f"an entry {kind}")


def bears_strangers(subject: CollectorSubject) -> None:
    """Entries of a kind that it does not know, and entries without details or with more than it
    knows, do not make it raise: the log outlives the releases that wrote it.
    """
    collector = subject.make()
    unknown: Any = "paused"
    _observe(collector, [LogEntry(UUID(int=1), 1.0, unknown, {})], "an entry of an unknown kind")
    for entry in sample_log():
        if not _takes(subject, entry):
            continue
        kind = entry.event_type
        more = {**entry.details, "colour": "red", "nested": {"deep": [1, 2]}}
        _observe(collector, [entry._replace(details={})], f"an entry {kind} without details")
        _observe(collector, [entry._replace(details=more)], f"an entry {kind} with more details")


def leaves_alone(subject: CollectorSubject) -> None:
    """Entries, their details and the batch are left as they were, in whatever order they come:
    others read them too.
    """
    for log, before in ((sample_log(), sample_log()), (_shuffled(), _shuffled())):
        with suppress(Exception):
            subject.make().observe(log)
        if log != before:
            raise CheckFailure("it changed the entries that it took in, or their order")


def _shuffled() -> list[LogEntry]:
    log = sample_log()
    random.Random(1).shuffle(log)
    return log


def _takes(subject: CollectorSubject, entry: LogEntry) -> bool:
    """Whether it takes the entry as it stands; another check tells if not."""
    try:
        subject.make().observe([entry._replace(details=dict(entry.details))])
    except Exception:
        return False
    return True


def _observe(collector: MetricCollector, batch: list[LogEntry], what: str) -> None:
    try:
        collector.observe(batch)
    except Exception as error:
        raise CheckFailure(f"{what} made it raise {describe(error)}") from error
