"""A metric collector under test, and its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from trx_core.capabilities import CollectorCapabilities
from trx_core.errors import describe
from trx_core.models import LogEntry
from trx_core.protocols import MetricCollector
from trx_core.testing.checks import CheckFailure, NotApplicable, Subject

__all__ = ["CollectorSubject", "copies", "numbers_of"]

CollectorSubject: TypeAlias = Subject[MetricCollector, CollectorCapabilities]


def numbers_of(subject: CollectorSubject, batches: Iterable[Sequence[LogEntry]]) -> Any:
    """The numbers of a fresh collector that has taken in these batches.

    Raises:
        NotApplicable: it does not declare where they are, or raises while it takes them in.
        CheckFailure: they are not where it declares.
    """
    name = subject.declared.numbers
    if name is None:
        raise NotApplicable("it declares no numbers, so that nobody can look at them")
    collector = subject.make()
    for batch in batches:
        try:
            collector.observe(batch)
        except Exception as error:
            raise NotApplicable(f"it raised {describe(error)}") from None
    try:
        found = getattr(collector, name)
    except AttributeError:
        raise CheckFailure(f"it declares numbers={name!r}, and has no such attribute") from None
    return found() if callable(found) else found


def copies(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """The same entries, each with details of its own."""
    return [entry._replace(details=dict(entry.details)) for entry in entries]
