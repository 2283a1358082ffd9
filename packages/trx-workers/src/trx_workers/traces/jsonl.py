"""Traces of JSON objects, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Final

from trx_core.errors import CallerError
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import Parameters
from trx_workers.traces.lines import Line, read_lines
from trx_workers.traces.options import read_options
from trx_workers.traces.records import Record, RecordOptions, arrivals_of, clock_of, is_told
from trx_workers.traces.timing import in_order

__all__ = ["JsonlReader", "first_object", "objects"]

FORMAT: Final = "jsonl"


class JsonlReader:
    """Reads JSON lines: an object on each, packed by gzip or not, with a time and the fields of a
    task, as the reader of CSV has them.

    Which member tells the time is told by the first object. Members that are no field of a task are
    kept in its metadata; ``null`` counts as not given.
    """

    parameters: ClassVar[type[Parameters]] = RecordOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the first line is an object with a type and a time, and not of our history."""
        first = first_object(path)
        return is_told(first) and not {"status", "attempt"} <= first.keys()

    def sniff_mapped(self, path: Path, head: str, options: Mapping[str, Any]) -> bool:
        """Whether it is one with members mapped by ``options``."""
        first = first_object(path)
        return bool(first) and is_told(first, read_options(RecordOptions, options, FORMAT))

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The objects, in the order of the file; see :class:`RecordOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
                ``TRX-C134``, the first object lacks a time; ``TRX-C135``, an option is wrong.
        """
        given = read_options(RecordOptions, options, FORMAT)
        rows = _records(objects(path), given)
        bad: list[Record | BadRow] = []
        first = next(rows, None)
        while isinstance(first, BadRow):
            bad.append(first)
            first = next(rows, None)
        clock = clock_of(list(first.values)) if first else "at"
        if clock is None:
            raise CallerError(
                f"the first object in {str(path)!r} has no member at, timestamp or enqueued_at.",
                code="TRX-C134",
                hint="Map its names with the option `columns`.",
            )
        found = arrivals_of(chain(bad, [first] if first else (), rows), given, clock)
        return in_order(found, jitter=given.jitter, rebase=clock != "at")


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]] | BadRow]:
    """The number and the object of every line.

    Raises:
        CallerError: as :func:`~trx_workers.traces.lines.read_lines`.
    """
    return map(_parsed, read_lines(path, packed=True))


def first_object(path: Path) -> dict[str, Any]:
    """The object on the first line that is not blank; empty if there is none."""
    try:
        first = next(objects(path), None)
    except CallerError:
        return {}
    return {} if first is None or isinstance(first, BadRow) else first[1]


def _parsed(line: Line | BadRow) -> tuple[int, dict[str, Any]] | BadRow:
    if isinstance(line, BadRow):
        return line
    try:
        value = json.loads(line.text)
    except (ValueError, RecursionError) as error:
        return BadRow(line.number, f"the line is not JSON: {error}")
    if not isinstance(value, dict):
        return BadRow(line.number, f"the line is not an object: {line.text[:40]!r}")
    return line.number, value


def _records(
    found: Iterator[tuple[int, dict[str, Any]] | BadRow], options: RecordOptions
) -> Iterator[Record | BadRow]:
    for one in found:
        if isinstance(one, BadRow):
            yield one
        else:
            line, members = one
            named = zip(options.named(members), members.values(), strict=True)
            yield Record(line, {name: value for name, value in named if value is not None})
