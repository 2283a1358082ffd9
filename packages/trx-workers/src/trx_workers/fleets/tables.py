"""Tables that describe a fleet: unlike a trace, nothing in them may be passed over."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator

from trx_core.errors import CallerError
from trx_core.models import MAX_COST
from trx_core.protocols import BadRow
from trx_workers.parameters import Parameters, options_of
from trx_workers.traces.table import Row, open_table

__all__ = ["Price", "as_name", "fault", "number", "read_options", "rows_of"]

P = TypeVar("P", bound=Parameters)


def _price(value: float) -> float:
    if not 0 <= value <= MAX_COST:
        raise ValueError(f"a price is from 0 to {MAX_COST:g}, not {value:g}")
    return value


Price = Annotated[float, AfterValidator(_price)]
"""Money per work unit, 0 to ``MAX_COST``."""

_STRANGE: Final = re.compile(r"[^A-Za-z0-9_.:/-]+")
LONGEST: Final = 64


def rows_of(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    """The rows of a table with the columns ``needed``.

    Raises:
        CallerError: ``TRX-C110``, a row cannot be read; ``TRX-C134``, a column is missing.
    """
    for row in open_table(path, needed).rows:
        if isinstance(row, BadRow):
            raise fault(path, row.line, row.reason)
        yield row


def number(path: Path, row: Row, column: str) -> float:
    """A number of a row, not negative.

    Raises:
        CallerError: ``TRX-C110``, it is none.
    """
    text = row.cells[column]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise fault(path, row.line, f"{column} {text[:40]!r} is not a number, or is negative")
    return value


def fault(path: Path, line: int, reason: str) -> CallerError:
    """``TRX-C110``: what is wrong with a line."""
    return CallerError(f"{path}, line {line}: {reason}.", code="TRX-C110", hint="Correct the file.")


def as_name(text: str) -> str:
    """``text`` as the name of a type or a pool: ``LM (batch size 5)`` is ``LM-batch-size-5``."""
    return _STRANGE.sub("-", text).strip("-_.:/")[:LONGEST]


def read_options(model: type[P], options: Mapping[str, Any], format: str) -> P:
    """Check a reader's options.

    Raises:
        CallerError: ``TRX-C112``, naming each option that is wrong.
    """
    return options_of(model, options, f"fleet format {format!r}", "TRX-C112")
