"""A metric collector under test, and its numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, Final, TypeAlias
from uuid import UUID

from trx_core.capabilities import CollectorCapabilities
from trx_core.errors import describe
from trx_core.models import LogEntry
from trx_core.protocols import MetricCollector
from trx_core.testing.checks import CheckFailure, NotApplicable, Subject
from trx_core.testing.samples import sample_log

__all__ = ["CollectorSubject", "copies", "numbers_of", "readings", "unseen_log"]

CollectorSubject: TypeAlias = Subject[MetricCollector, CollectorCapabilities]

_LOGS: Final = count(1)


def numbers_of(subject: CollectorSubject, batches: Iterable[Sequence[LogEntry]]) -> Any:
    """The numbers of a fresh collector that has taken in these batches; see :func:`readings`."""
    return readings(subject, batches, 1)[0]


def readings(
    subject: CollectorSubject, batches: Iterable[Sequence[LogEntry]], times: int
) -> list[Any]:
    """The same, read so many times; each as it was when it was read.

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
    return [copy.deepcopy(_read(collector, name)) for _ in range(times)]


def _read(collector: MetricCollector, name: str) -> Any:
    try:
        found = getattr(collector, name)
    except AttributeError:
        raise CheckFailure(f"it declares numbers={name!r}, and has no such attribute") from None
    return found() if callable(found) else found


def copies(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """The same entries, each with details of its own."""
    return [entry._replace(details=dict(entry.details)) for entry in entries]


def unseen_log() -> list[LogEntry]:
    """A log of tasks that no collector in this process has heard of."""
    other = next(_LOGS) << 64
    return [one._replace(task_id=UUID(int=one.task_id.int ^ other)) for one in sample_log()]
