"""The schedule log of runs as a Parquet file; needs ``trx-workers[parquet]``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from trx_core.models import LogEntry
from trx_workers.extras import require
from trx_workers.files import blamed, replacing

__all__ = ["COLUMNS", "DECIDER", "RUN", "Run", "events_file", "joined"]

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

RUN: Final[Mapping[str, str]] = {"algorithm": "dictionary", "seed": "int64"}
"""Columns that say which run an event is of, where there are several, before those of
:data:`COLUMNS`, of which ``algorithm`` is called :data:`DECIDER` then."""

DECIDER: Final = "decided_by"

BATCH: Final = 50_000
"""Events that are written at once: however the log comes in batches, its file is the same."""

_ENTRY: Final = ("time", "task", "event", "size", "more")
_LEFT_OUT: Final = frozenset({"pool_id"})


class Run(NamedTuple):
    """Which run events are of.

    Attributes:
        algorithm: its label: name and parameters.
        seed: of the run.
    """

    algorithm: str
    seed: int


@contextmanager
def events_file(
    path: Path, run: Run | None = None
) -> Iterator[Callable[[Sequence[LogEntry]], None]]:
    """Gives what writes batches of log entries to ``path``; an incomplete file is not left behind.

    Args:
        path: the file.
        run: what stands in the columns of :data:`RUN`; ``None``: there are none.

    Raises:
        OperatorError: ``TRX-O140``, pyarrow is not installed.
        CallerError: ``TRX-C155``, the file cannot be written.
    """
    with _writer(path, _schema(of_runs=run is not None)) as write:
        kept: list[LogEntry] = []

        def flush() -> None:
            batch = kept[:BATCH]
            columns = _columns(batch)
            if run is not None:
                told = {name: [value] * len(batch) for name, value in run._asdict().items()}
                columns = columns | {DECIDER: columns["algorithm"]} | told
            write(columns)
            del kept[:BATCH]

        def take(entries: Sequence[LogEntry]) -> None:
            kept.extend(entries)
            while len(kept) >= BATCH:
                flush()

        yield take
        if kept:
            flush()


def joined(path: Path, parts: Iterable[Path]) -> None:
    """Write the files of several runs as one, in their order, a batch at a time.

    Raises:
        CallerError: ``TRX-C155``, the file cannot be written.
    """
    import pyarrow.parquet as pq

    with _writer(path, _schema(of_runs=True)) as write:
        for part in parts:
            with pq.ParquetFile(part) as file:
                for group in range(file.num_row_groups):
                    write(file.read_row_group(group))


def _schema(*, of_runs: bool) -> Any:
    require("pyarrow", "a file of events", extra="parquet")
    import pyarrow as pa

    kinds = {
        "float64": pa.float64(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "string": pa.string(),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
    }
    columns = dict(COLUMNS)
    if of_runs:
        of_events = {DECIDER if name == "algorithm" else name: t for name, t in columns.items()}
        columns = {**RUN, **of_events}
    return pa.schema([(name, kinds[kind]) for name, kind in columns.items()])


@contextmanager
def _writer(path: Path, schema: Any) -> Iterator[Callable[[Any], None]]:
    """Gives what writes tables, or columns by name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with replacing(path) as draft:
        with blamed(path):
            writer = pq.ParquetWriter(draft, schema, compression="zstd")

        def write(columns: Any) -> None:
            table = columns if isinstance(columns, pa.Table) else pa.table(columns, schema=schema)
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
