"""Traces in CSV whose columns are named like the fields of a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from trx_core.errors import CallerError
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import Parameters, param
from trx_workers.traces.options import read_options
from trx_workers.traces.records import Record, RecordOptions, arrivals_of, clock_of, is_told
from trx_workers.traces.table import Row, header_of, open_table
from trx_workers.traces.timing import in_order

__all__ = ["CsvReader"]

FORMAT: Final = "csv"


class CsvOptions(RecordOptions):
    """Options of the reader."""

    delimiter: Literal[",", ";", "\t", "|", ":", " "] = param(",", "the character between fields")


class CsvReader:
    """Reads any CSV with a header: a column for time, and columns named like a task's fields.

    Time is a column ``at`` (seconds since the start of the traffic), ``timestamp`` (ISO 8601, UTC
    where it names no zone; the first row arrives at 0) or ``enqueued_at`` (either kind; the first
    row arrives at 0). ``type`` must be given, as a column or a default; ``priority``, ``cost``,
    ``region``, ``region_required`` (true or false), ``slots``, ``resource_type``,
    ``deadline_seconds``, ``expected_duration`` and ``metadata`` (a JSON object) may be; an empty
    cell counts as not given. Other columns are kept
    in the task's metadata, as text. The bounds are those of
    :class:`~trx_core.models.TaskRequest`; names of columns match in any case; time is put in order
    as :func:`~trx_workers.traces.timing.in_order` says.
    """

    parameters: ClassVar[type[Parameters]] = CsvOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the header names a type and a time."""
        return is_told(_header(head))

    def sniff_mapped(self, path: Path, head: str, options: Mapping[str, Any]) -> bool:
        """The same, with columns mapped by ``options``."""
        given = read_options(CsvOptions, options, FORMAT)
        return is_told(_header(head, given.delimiter), given)

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
        fields = given.named(table.columns)
        clock = clock_of(fields)
        if clock is None or len(set(fields)) < len(fields):
            lacks = "lacks a column at, timestamp or enqueued_at"
            what = lacks if clock is None else "gives one field twice"
            raise CallerError(
                f"the header of {str(path)!r} {what}: {', '.join(table.columns)}.",
                code="TRX-C134",
                hint="Map its names with the option `columns`.",
            )
        rows = arrivals_of(_records(table.rows, fields), given, clock)
        return in_order(rows, jitter=given.jitter, rebase=clock != "at")


def _header(head: str, delimiter: str = ",") -> tuple[str, ...]:
    first = next((line for line in head.splitlines() if line.strip()), "")
    return header_of(first, delimiter)


def _records(rows: Iterator[Row | BadRow], fields: Sequence[str]) -> Iterator[Record | BadRow]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        else:
            named = zip(fields, row.cells.values(), strict=True)
            yield Record(row.line, {name: text for name, text in named if text})
