"""Tables in text: a header that names the columns, and rows, one a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from trx_core.errors import CallerError
from trx_core.protocols import BadRow
from trx_workers.traces.lines import Line, read_lines

__all__ = ["Row", "Table", "first_line", "header_of", "open_table"]

_LONGEST: Final = 100_000
"""Characters of a line that no field of it is too long for the ``csv`` module."""


class Row(NamedTuple):
    """The cells of one line, by column; their outer blanks are gone.

    Attributes:
        line: its number, from 1.
        cells: column in lower case → text.
    """

    line: int
    cells: dict[str, str]


class Table(NamedTuple):
    """A table whose header has been read, and whose rows have not.

    Attributes:
        columns: their names, in lower case.
        rows: the rest, streaming.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row | BadRow]


def open_table(path: Path, needed: Sequence[str], delimiter: str = ",") -> Table:
    """Read the header of a table (RFC 4180, but a quoted field may not span lines).

    A row is a line, so that a stray quote spoils no more than its own row.

    Raises:
        CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
            ``TRX-C134``, the header lacks a column of ``needed`` or names one twice.
    """
    lines = read_lines(path)
    first = next(lines, None)
    text = first.text if isinstance(first, Line) else ""
    columns = header_of(text, delimiter)
    missing = [name for name in needed if name not in columns]
    if missing:
        raise CallerError(
            f"the first line of {str(path)!r}, {text[:60]!r}, is no header with the "
            f"column{'s' * (len(missing) > 1)} {', '.join(missing)}.",
            code="TRX-C134",
            hint="Add a header, or map its names with the option `columns`.",
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise CallerError(
            f"the header of {str(path)!r} names {', '.join(twice)} twice.",
            code="TRX-C134",
            hint="Give every column a name of its own.",
        )
    return Table(columns, _rows(lines, columns, delimiter))


def first_line(head: str) -> str:
    """The first line of how a file begins that is not blank; empty if there is none."""
    return next((line for line in head.splitlines() if line.strip()), "")


def header_of(text: str, delimiter: str = ",") -> tuple[str, ...]:
    """The column names in a header line; empty if it is none."""
    try:
        return tuple(cell.strip().lower() for cell in _split(text, delimiter))
    except csv.Error:
        return ()


def _rows(
    lines: Iterator[Line | BadRow], columns: Sequence[str], delimiter: str
) -> Iterator[Row | BadRow]:
    for line in lines:
        if isinstance(line, BadRow):
            yield line
            continue
        try:
            cells = _split(line.text, delimiter)
        except csv.Error as error:
            yield BadRow(line.number, f"the line is not CSV: {error}")
            continue
        if len(cells) != len(columns):
            yield BadRow(line.number, f"it has {len(cells)} fields, the header {len(columns)}")
            continue
        named = zip(columns, cells, strict=True)
        yield Row(line.number, {name: cell.strip() for name, cell in named})


def _split(text: str, delimiter: str) -> list[str]:
    if text and '"' not in text and "\r" not in text and len(text) < _LONGEST:
        return text.split(delimiter)
    return next(csv.reader((text,), delimiter=delimiter, strict=True))
