"""Records whose fields are named like those of a task, whatever file they come from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

from pydantic import model_validator

from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import param
from trx_workers.traces.options import ReaderOptions, instant
from trx_workers.traces.rows import converted

__all__ = ["FIELDS", "TIMES", "Record", "RecordOptions", "arrivals_of", "clock_of", "is_told"]

FIELDS: Final = frozenset(TaskRequest.model_fields)
TIMES: Final = ("at", "timestamp", "enqueued_at")
_TIMES: Final = frozenset(TIMES)
LONGEST: Final = 1e9
"""Seconds, some 32 years; no trace is longer."""


class RecordOptions(ReaderOptions):
    """Options of readers of records."""

    columns: Mapping[str, str] = param(
        dict, "field of a task, or a time, → the column that holds it, where it is not named alike"
    )
    defaults: Mapping[str, Any] = param(dict, "field → its value where a row does not give it")

    @model_validator(mode="after")
    def _known(self) -> Self:
        strange = (self.columns.keys() - FIELDS - set(TIMES)) | (self.defaults.keys() - FIELDS)
        if strange:
            raise ValueError(f"there is no field {', '.join(sorted(strange))}")
        TaskRequest.model_validate({"type": "any", **self.defaults})
        return self

    @cached_property
    def field_of(self) -> Mapping[str, str]:
        """Column in lower case → the field that it holds."""
        return {column.strip().lower(): field for field, column in self.columns.items()}

    def named(self, columns: Iterable[str]) -> list[str]:
        """What each of the columns holds: a field or a time, or else its own name."""
        return [self.field_of.get(name.strip().lower(), name) for name in columns]


class Record(NamedTuple):
    """A row: its line, from 1, and its values by field; what is empty is not given."""

    line: int
    values: Mapping[str, Any]


def is_told(names: Iterable[str], options: RecordOptions | None = None) -> bool:
    """Whether columns of these names tell a type and a time."""
    given = set(options.named(names) if options else names)
    typed = "type" in given or (options is not None and "type" in options.defaults)
    return typed and any(name in given for name in TIMES)


def arrivals_of(
    records: Iterable[Record | BadRow], options: RecordOptions, clock: str
) -> Iterator[Arrival | BadRow]:
    """The tasks that records describe, in their order; values that name no field are kept in the
    metadata.

    Args:
        records: their values by field.
        options: has the defaults.
        clock: which of :data:`TIMES` tells the time.
    """
    read = _CLOCKS[clock]()

    def convert(record: Record) -> tuple[float, TaskRequest]:
        request = _request(record.values, options.defaults)
        return read(record.values.get(clock)), request

    return converted(records, convert)


class _Seconds:
    """Numbers: seconds since the start of the traffic."""

    def __call__(self, value: Any) -> float:
        at = _number(value)
        if at is None or not 0 <= at <= LONGEST:
            raise ValueError(f"at: {_shown(value)} is not a number from 0 to {LONGEST:g}")
        return at


class _Stamps:
    """Dates and times: seconds since the first of them."""

    def __init__(self) -> None:
        self._start: datetime | None = None

    def __call__(self, value: Any) -> float:
        stamp = _stamp(value)
        self._start = self._start or stamp
        return (stamp - self._start).total_seconds()


class _Either:
    """Dates and times, or numbers of seconds: seconds since the first of them."""

    def __init__(self) -> None:
        self._start: float | None = None

    def __call__(self, value: Any) -> float:
        number = _number(value)
        at = _stamp(value).timestamp() if number is None else number
        if not math.isfinite(at):
            raise ValueError(f"enqueued_at: {_shown(value)} is no instant")
        self._start = at if self._start is None else self._start
        return at - self._start


_CLOCKS: Final[Mapping[str, type[_Seconds] | type[_Stamps] | type[_Either]]] = {
    "at": _Seconds,
    "timestamp": _Stamps,
    "enqueued_at": _Either,
}


def _number(value: Any) -> float | None:
    if isinstance(value, bool | datetime) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _stamp(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return instant("" if value is None else str(value))


def _shown(value: Any) -> str:
    return repr("" if value is None else str(value)[:40])


def _request(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> TaskRequest:
    known: dict[str, Any] = dict(defaults)
    others: dict[str, Any] = {}
    for name, value in given.items():
        if name in FIELDS:
            known[name] = value
        elif name not in _TIMES:
            others[name] = value
    if others or "metadata" in known:
        metadata = known.get("metadata", {})
        if isinstance(metadata, str):
            metadata = _json_object(metadata)
        if not isinstance(metadata, Mapping):
            raise ValueError(f"metadata: {_shown(metadata)} is not a JSON object")
        known["metadata"] = {**others, **metadata}
    return TaskRequest.model_validate(known, strict=False)


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError(f"metadata: {text[:40]!r} is not a JSON object")
    return value


def clock_of(fields: Sequence[str]) -> str | None:
    """Which of the fields tells the time: the first of :data:`TIMES` that is there."""
    return next((name for name in TIMES if name in fields), None)
