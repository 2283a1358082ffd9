"""The schedule log of a run as a Parquet file; needs ``trx-workers[parquet]``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from trx_core.models import LogEntry
from trx_workers.extras import require
from trx_workers.files import blamed, replacing

__all__ = ["COLUMNS", "events_file"]

COLUMNS: Final[Mapping[str, str]] = {
    "time": "float64",
    "task": "string",
    "event": "dictionary",
    "attempt": "int32",
    "pool": "dictionary",
    "algorithm": "dictionary",
    "slots": "int32",
    "type": "dictionary",
    "priority": "int32",
    "size": "float64",
    "region": "dictionary",
    "latency": "float64",
    "cost": "float64",
    "due": "float64",
    "error": "dictionary",
    "reason": "dictionary",
    "detail": "string",
    "more": "string",
}
"""Name → type: seconds (``time``, ``latency``, ``due``), work units (``size``), money (``cost``).
What no event of a kind has is null; ``more`` holds details that have no column, as JSON."""

_ENTRY: Final = ("time", "task", "event", "size", "more")
_LEFT_OUT: Final = frozenset({"pool_id"})


@contextmanager
def events_file(path: Path) -> Iterator[Callable[[Sequence[LogEntry]], None]]:
    """Gives what writes batches of log entries to ``path``; an incomplete file is not left behind.

    Raises:
        OperatorError: ``TRX-O140``, pyarrow is not installed.
        CallerError: ``TRX-C155``, the file cannot be written.
    """
    require("pyarrow", "a file of events", extra="parquet")
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "float64": pa.float64(),
        "int32": pa.int32(),
        "string": pa.string(),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
    }
    schema = pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    with replacing(path) as draft:
        with blamed(path):
            writer = pq.ParquetWriter(draft, schema, compression="zstd")

        def write(entries: Sequence[LogEntry]) -> None:
            if entries:
                table = pa.table(_columns(entries), schema=schema)
                with blamed(path):
                    writer.write_table(table)

        try:
            yield write
        finally:
            with blamed(path):
                writer.close()


def _columns(entries: Sequence[LogEntry]) -> dict[str, list[Any]]:
    arrived = [entry.event_type == "enqueued" for entry in entries]
    details = [entry.details for entry in entries]
    columns: dict[str, list[Any]] = {
        name: [one.get(name) for one in details] for name in COLUMNS if name not in _ENTRY
    }
    return columns | {
        "time": [entry.timestamp for entry in entries],
        "task": [str(entry.task_id) for entry in entries],
        "event": [entry.event_type.value for entry in entries],
        "size": [d.get("cost") if new else None for d, new in zip(details, arrived, strict=True)],
        "cost": [None if new else d.get("cost") for d, new in zip(details, arrived, strict=True)],
        "more": [_more(one) for one in details],
    }


def _more(details: Mapping[str, Any]) -> str | None:
    left = {k: v for k, v in details.items() if k not in COLUMNS and k not in _LEFT_OUT}
    return json.dumps(left, sort_keys=True) if left else None
