"""Rows of a trace, each made an arrival or told as bad."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TypeVar

from pydantic import ValidationError

from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import reasons

__all__ = ["converted"]

R = TypeVar("R")


def converted(
    rows: Iterable[R | BadRow],
    convert: Callable[[R], tuple[float, TaskRequest]],
    *,
    line_of: Callable[[R], int] = attrgetter("line"),
) -> Iterator[Arrival | BadRow]:
    """What each row brings; a row that cannot be converted is told as bad, and the rest follow.

    Args:
        rows: of a file, in order.
        convert: when a row's task arrives, seconds, and what it is; raises ``ValueError``, or
            pydantic's, for a row that is wrong.
        line_of: number of a row's line, from 1.
    """
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            at, request = convert(row)
        except ValidationError as error:
            yield BadRow(line_of(row), reasons(error))
        except ValueError as error:
            yield BadRow(line_of(row), str(error))
        else:
            yield Arrival(at, request, line_of(row))
