"""Warnings of a command's runs: each kind is told once, and in the end how many there were."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler
from queue import SimpleQueue
from threading import get_ident
from typing import Final

from trx_core.cli.faults import warn

__all__ = ["collecting_warnings", "passed_on", "warning_once"]

SOURCE: Final = "trx_core"
"""The logger that all warnings of runs come through."""


@contextmanager
def warning_once() -> Iterator[None]:
    """Tell the first warning of each kind on stderr as it comes, and in the end how many more."""
    handler = _Once(logging.WARNING)
    with _handling(handler):
        yield
    for kind, count in handler.counts.items():
        if count > 1:
            warn(f"{count - 1:,} more warnings like this one: {handler.first[kind]}")


@contextmanager
def collecting_warnings() -> Iterator[list[logging.LogRecord]]:
    """Gives the warnings of this thread, as another process can take them; to be passed on. They
    are told here if the work within raises."""
    handler = _Collecting(get_ident())
    try:
        with _handling(handler):
            yield handler.records
    except BaseException:
        passed_on(handler.records)
        raise


def passed_on(records: Iterable[logging.LogRecord]) -> None:
    """Give warnings to who handles them in this process."""
    for record in records:
        logging.getLogger(record.name).handle(record)


class _Once(logging.Handler):
    """Tells the first warning of each kind.

    Attributes:
        first: kind → the first warning of it.
        counts: kind → how many there were.
    """

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.first: dict[tuple[str, ...], str] = {}
        self.counts: Counter[tuple[str, ...]] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        kind = _kind(record, text)
        if kind not in self.first:
            self.first[kind] = text
            warn(text)
        self.counts[kind] += 1


def _kind(record: logging.LogRecord, text: str) -> tuple[str, ...]:
    """Who is to blame, and of what; the text where that is not known."""
    who, what = getattr(record, "algorithm", None), getattr(record, "blame", None)
    return (text,) if what is None else (str(who), str(what))


class _Collecting(QueueHandler):
    """Keeps what one thread warns of."""

    def __init__(self, thread: int) -> None:
        super().__init__(SimpleQueue())
        self.setLevel(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self._thread = thread

    def enqueue(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.records.append(record)


@contextmanager
def _handling(handler: logging.Handler) -> Iterator[None]:
    source = logging.getLogger(SOURCE)
    source.addHandler(handler)
    try:
        yield
    finally:
        source.removeHandler(handler)
