"""Traces in CSV whose columns are named like the fields of a task."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from trx_core.errors import CallerError
from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import reasons
from trx_workers.traces.options import ReaderOptions, instant, read_options
from trx_workers.traces.table import Row, header_of, open_table
from trx_workers.traces.timing import in_order

__all__ = ["CsvReader"]

FORMAT: Final = "csv"
TIMES: Final = ("at", "timestamp")
FIELDS: Final = frozenset(TaskRequest.model_fields)
LONGEST: Final = 1e9
"""Seconds, some 32 years; no trace is longer."""


class CsvOptions(ReaderOptions):
    """Options of the reader.

    Attributes:
        columns: field, ``at`` or ``timestamp`` → the column that holds it, where it is not named
            alike.
        defaults: field → the value of a row that does not give it.
        delimiter: the character between fields.
    """

    columns: Mapping[str, str] = Field(default_factory=dict)
    defaults: Mapping[str, Any] = Field(default_factory=dict)
    delimiter: Literal[",", ";", "\t", "|", ":", " "] = ","

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


class CsvReader:
    """Reads any CSV with a header: a column for time, and columns named like a task's fields.

    Time is a column ``at`` (seconds since the start of the traffic) or ``timestamp`` (ISO 8601,
    UTC where it names no zone; the first row arrives at 0). ``type`` must be given, as a column or
    a default; ``priority``, ``cost``, ``region``, ``slots``, ``resource_type``,
    ``deadline_seconds``, ``expected_duration`` and ``metadata`` (a JSON object) may be; an empty
    cell counts as not given. Other columns are kept in the task's metadata, as text. The bounds
    are those of :class:`~trx_core.models.TaskRequest`; names of columns match in any case; time is
    put in order as :func:`~trx_workers.traces.timing.in_order` says.
    """

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the header names a type and a time."""
        first = next((line for line in head.splitlines() if line.strip()), "")
        columns = header_of(first)
        return "type" in columns and ("at" in columns or "timestamp" in columns)

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The rows, in the order of the file; see :class:`CsvOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
                ``TRX-C134``, its header lacks a time or a type; ``TRX-C135``, an option is wrong.
        """
        given = read_options(CsvOptions, options, FORMAT)
        unnamed = {"type"} - set(given.columns) - set(given.defaults)
        needed = [*given.field_of, *unnamed]
        table = open_table(path, needed, given.delimiter)
        fields = [given.field_of.get(column, column) for column in table.columns]
        clock = next((name for name in TIMES if name in fields), None)
        if clock is None or len(set(fields)) < len(fields):
            what = "lacks a column at or timestamp" if clock is None else "gives one field twice"
            raise CallerError(
                f"the header of {str(path)!r} {what}: {', '.join(table.columns)}.",
                code="TRX-C134",
                hint="Map its names with the option `columns`.",
            )
        return in_order(
            _arrivals(table.rows, fields, given.defaults, _CLOCKS[clock]()),
            jitter=given.jitter,
            rebase=clock == "timestamp",
        )


class _Seconds:
    name = "at"

    def read(self, text: str) -> float:
        try:
            at = float(text)
        except ValueError:
            at = math.nan
        if not 0 <= at <= LONGEST:
            raise ValueError(f"at: {text[:40]!r} is not a number from 0 to {LONGEST:g}")
        return at


class _Stamps:
    name = "timestamp"

    def __init__(self) -> None:
        self._start: datetime | None = None

    def read(self, text: str) -> float:
        stamp = instant(text)
        self._start = self._start or stamp
        return (stamp - self._start).total_seconds()


_CLOCKS: Final[Mapping[str, type[_Seconds] | type[_Stamps]]] = {
    "at": _Seconds,
    "timestamp": _Stamps,
}


def _arrivals(
    rows: Iterator[Row | BadRow],
    fields: Sequence[str],
    defaults: Mapping[str, Any],
    clock: _Seconds | _Stamps,
) -> Iterator[Arrival | BadRow]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        given = dict(zip(fields, row.cells.values(), strict=True))
        try:
            request = _request(given, defaults)
            at = clock.read(given[clock.name])
        except ValidationError as error:
            yield BadRow(row.line, reasons(error))
        except ValueError as error:
            yield BadRow(row.line, str(error))
        else:
            yield Arrival(at, request, row.line)


def _request(given: Mapping[str, str], defaults: Mapping[str, Any]) -> TaskRequest:
    known: dict[str, Any] = {**defaults}
    known.update((name, text) for name, text in given.items() if text and name in FIELDS)
    metadata = known.get("metadata", {})
    if isinstance(metadata, str):
        metadata = _json_object(metadata)
    others = {n: text for n, text in given.items() if text and n not in FIELDS and n not in TIMES}
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
