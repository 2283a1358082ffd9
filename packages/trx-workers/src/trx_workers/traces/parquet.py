"""Traces in Parquet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from trx_core.errors import CallerError, OperatorError
from trx_core.protocols import Arrival, BadRow
from trx_core.traces import read_head
from trx_workers.parameters import Parameters
from trx_workers.traces.options import read_options
from trx_workers.traces.records import FIELDS, TIMES, Record, RecordOptions, arrivals_of, clock_of
from trx_workers.traces.timing import in_order

__all__ = ["ParquetReader"]

FORMAT: Final = "parquet"
MAGIC: Final = "PAR1"
BATCH: Final = 4096
"""Rows that are decoded at a time."""

BUFFER: Final = 1 << 20


class ParquetReader:
    """Reads Parquet with a column for time, and columns named like a task's fields, as the reader
    of CSV has them; it takes ``pyarrow`` (the extra ``parquet``).

    Columns of dates and times may stand in ``timestamp`` or ``enqueued_at``. The line of a row is
    its number, from 1. Rows are decoded 4,096 at a time, so that what is in memory does not grow
    with the file.
    """

    parameters: ClassVar[type[Parameters]] = RecordOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether it begins as Parquet does."""
        return head.startswith(MAGIC)

    def sniff_mapped(self, path: Path, head: str, options: Mapping[str, Any]) -> bool:
        """The same, whatever is mapped."""
        return head.startswith(MAGIC)

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The rows, in the order of the file; see :class:`RecordOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not Parquet;
                ``TRX-C134``, it lacks a time or a type; ``TRX-C135``, an option is wrong.
            OperatorError: ``TRX-O130``, ``pyarrow`` is not installed.
        """
        given = read_options(RecordOptions, options, FORMAT)
        file = _opened(path)
        fields = given.named(file.schema_arrow.names)
        clock = clock_of(fields)
        if clock is None or ("type" not in fields and "type" not in given.defaults):
            raise CallerError(
                f"the columns of {str(path)!r} tell no type, or no time: "
                f"{', '.join(file.schema_arrow.names)}.",
                code="TRX-C134",
                hint="Map their names with the option `columns`.",
            )
        rows = arrivals_of(_records(file, fields), given, clock)
        return in_order(rows, jitter=given.jitter, rebase=clock != "at")


def _opened(path: Path) -> Any:
    read_head(path)
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise OperatorError(
            "traces in Parquet cannot be read: pyarrow is not installed.",
            code="TRX-O130",
            hint='Install it: pip install "trx-workers[parquet]".',
        ) from None
    try:
        return ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
    except (ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise CallerError(
            f"{str(path)!r} cannot be read as Parquet: {reason}.",
            code="TRX-C131",
            hint="Check the path.",
        ) from None


def _records(file: Any, fields: Sequence[str]) -> Iterator[Record]:
    line = 0
    for batch in file.iter_batches(batch_size=BATCH):
        columns = [_values(column) for column in batch.columns]
        for row in zip(*columns, strict=True):
            line += 1
            given = {
                name: value if name in TIMES else _plain(value, text=name not in FIELDS)
                for name, value in zip(fields, row, strict=True)
                if value is not None and value == value
            }
            yield Record(line, given)


def _values(column: Any) -> list[Any]:
    """Python's values; nanoseconds, which Python's times do not have, go."""
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _plain(value: Any, *, text: bool) -> Any:
    """What JSON has for a value."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date | bytes) and text:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value) and text:
        return str(value)
    return value
