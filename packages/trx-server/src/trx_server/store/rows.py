"""Between values and the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from typing import Any, Final

from trx_core.models import Task, TaskStatus

__all__ = ["TASK", "conditions", "printable", "to_task", "transposed"]

LONGEST_TEXT: Final = 4096

FIELDS: Final = tuple(field.name for field in fields(Task))
STATUS: Final = FIELDS.index("status")

TASK: Final = ", ".join(FIELDS)
"""The columns of a task, in the order of the fields of :class:`~trx_core.models.Task`."""


def to_task(row: Iterable[Any]) -> Task:
    """The task of a row that starts with the columns :data:`TASK`."""
    values = list(islice(row, len(FIELDS)))
    values[STATUS] = TaskStatus(values[STATUS])
    return Task(*values)


def transposed(rows: Iterable[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    """The columns of rows of ``width`` items, also when there are no rows."""
    return list(zip(*rows, strict=True)) or [()] * width


def conditions(
    wanted: Iterable[tuple[str, Any]], clauses: Mapping[str, str]
) -> tuple[str, list[Any]]:
    """A ``WHERE`` clause of those of ``clauses`` whose value is not ``None``, and its arguments.

    Args:
        wanted: name and value of each.
        clauses: name → condition, with ``{}`` where its argument goes.
    """
    given = [(clauses[name], value) for name, value in wanted if value is not None]
    terms = [clause.format(f"${place}") for place, (clause, _) in enumerate(given, start=1)]
    return f"WHERE {' AND '.join(terms)}" if terms else "", [value for _, value in given]


def printable(text: str) -> str:
    """``text`` as PostgreSQL can store it: no U+0000, no lone surrogates, not too long."""
    whole = text[:LONGEST_TEXT].encode("utf-8", "replace").decode()
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
