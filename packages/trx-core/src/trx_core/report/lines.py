"""The schedule log as a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trx_core.models import LogEntry, ScheduleLog

__all__ = ["JsonLines"]


class JsonLines:
    """A :class:`~trx_core.protocols.MetricCollector` that writes each entry as a JSON object with
    ``task_id``, ``timestamp`` (seconds), ``event_type`` and ``details``, one a line.

    What a batch holds is in the file when :meth:`observe` returns. A detail that JSON does not know
    is written as its text.

    Attributes:
        written: entries written so far.

    Args:
        path: the file.
        append: whether what is in the file already stays.

    Raises:
        ValueError: the file cannot be written.
    """

    def __init__(self, path: str, append: bool = False) -> None:
        self.written = 0
        self._path = Path(path)
        try:
            with self._path.open("a" if append else "w"):
                pass
        except OSError as error:
            raise ValueError(f"{path} cannot be written: {error.strerror or error}") from error

    def observe(self, entries: Sequence[LogEntry | ScheduleLog]) -> None:
        """Write a batch."""
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(_row(entry), default=str)}\n" for entry in entries)
        self.written += len(entries)


def _row(entry: LogEntry | ScheduleLog) -> dict[str, Any]:
    return {
        "task_id": str(entry.task_id),
        "timestamp": entry.timestamp,
        "event_type": str(entry.event_type),
        "details": dict(entry.details),
    }
