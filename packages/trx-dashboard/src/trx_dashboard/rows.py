"""From what people paste or upload to the tasks of a batch."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = ["Batch", "Row", "Wrong", "decoded", "parse_json", "read_batch"]

NUMBERS: Final = frozenset({"priority", "cost", "slots", "deadline_seconds", "expected_duration"})
BOOLEANS: Final = frozenset({"region_required"})
TRUTHS: Final = {"true": True, "false": False}
OBJECTS: Final = frozenset({"metadata"})


class Row(NamedTuple):
    """A task, and the line that it stands on, from 1."""

    line: int
    task: Mapping[str, Any]


class Wrong(NamedTuple):
    """A line that holds no task, from 1, the field at fault (or ``""``), and why."""

    line: int
    field: str
    message: str


class Batch(NamedTuple):
    """What a text holds.

    Attributes:
        format: for people.
        rows: what can be sent; whether its fields are right is for the API to say.
        wrong: what cannot.
    """

    format: str
    rows: tuple[Row, ...]
    wrong: tuple[Wrong, ...]


def decoded(content: bytes) -> str | Wrong:
    """The text of a file."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Wrong(line, "", "The file is not UTF-8 text.")


def read_batch(text: str) -> Batch:
    """JSON lines if the first line begins with a bracket, else CSV with a header.

    Empty lines and empty cells count as not given.
    """
    text = text.removeprefix("\ufeff")
    is_json = text.lstrip()[:1] in ("{", "[")
    found = list(_from_json(text) if is_json else _from_csv(text))
    return Batch(
        "JSON lines" if is_json else "CSV",
        tuple(one for one in found if isinstance(one, Row)),
        tuple(one for one in found if isinstance(one, Wrong)),
    )


def parse_json(text: str) -> Any:
    """JSON as RFC 8259 would have it: a name once in an object, and numbers that are finite.

    Raises:
        ValueError: it is not; the message says why.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refused, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _from_json(text: str) -> Iterator[Row | Wrong]:
    for line, part in enumerate(text.split("\n"), start=1):
        if not part.strip():
            continue
        try:
            value = parse_json(part)
        except ValueError as error:
            yield Wrong(line, "", f"This is not JSON: {error}.")
            continue
        if isinstance(value, dict):
            yield Row(line, value)
        else:
            yield Wrong(line, "", "This is no JSON object. Write one object, {…}, on each line.")


def _from_csv(text: str) -> Iterator[Row | Wrong]:
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        yield from _from_cells(lines, lambda: lines.line_num)
    except csv.Error as error:
        yield Wrong(max(1, lines.line_num), "", f"This is not CSV: {error}.")


def _from_cells(rows: Iterable[list[str]], line: Callable[[], int]) -> Iterator[Row | Wrong]:
    names: list[str] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = [cell.strip() for cell in cells]
            if fault := _header_fault(names):
                yield Wrong(line(), "", fault)
                return
        elif len(cells) > len(names):
            count = f"{len(cells)} cells, and the header has {len(names)}"
            yield Wrong(line(), "", f"There are {count}.")
        else:
            yield _from_record(line(), dict(zip(names, cells, strict=False)))


def _header_fault(names: list[str]) -> str | None:
    if "type" not in names:
        return "The first line must name the columns, and one of them must be 'type'."
    if "" in names:
        return "A column has no name."
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"There are two columns named {twice[0]!r}." if twice else None


def _from_record(line: int, record: Mapping[str, str]) -> Row | Wrong:
    task: dict[str, Any] = {}
    for name, cell in record.items():
        text = cell.strip()
        if not text:
            continue
        try:
            task[name] = parse_json(text) if name in OBJECTS else _value(name, text)
        except ValueError as error:
            return Wrong(line, name, f"This is not JSON: {error}.")
    return Row(line, task)


def _value(name: str, text: str) -> Any:
    """A number or a truth value where there should be one; else the text, of which the API says
    what is wrong.
    """
    if name in BOOLEANS:
        return TRUTHS.get(text.lower(), text)
    if name not in NUMBERS:
        return text
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if math.isfinite(value) else text
    return text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the name {next(n for n in names if names.count(n) > 1)!r} is given twice"
        )
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text} is too large")
    return value


def _refused(text: str) -> float:
    raise ValueError(f"{text} is not a JSON number")
