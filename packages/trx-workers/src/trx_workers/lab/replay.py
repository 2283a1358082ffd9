"""Rows of a small trace kept between runs, so that many runs of it read and check it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from trx_core.protocols import Arrival, BadRow

if TYPE_CHECKING:
    from trx_workers.lab.plan import Traffic

__all__ = ["LARGEST", "replayed"]

LARGEST: Final = 1 << 20
"""Bytes of a file whose rows are kept; they take some forty times as much memory."""

Rows = tuple[Arrival | BadRow, ...]

_kept: dict[str, Rows] = {}


def replayed(traffic: Traffic, rows: Iterable[Arrival | BadRow]) -> Iterable[Arrival | BadRow]:
    """The same rows; those of the latest small trace are read once and given again to every run.

    Metadata are given anew, so that what one run does to them is nothing to another.

    Args:
        traffic: what arrives.
        rows: of the traffic, unread.
    """
    key = None if traffic.trace is None or traffic.limit is not None else _name(traffic)
    if key is None:
        return rows
    if key not in _kept:
        _kept.clear()
        _kept[key] = tuple(rows)
    return _anew(_kept[key])


def _anew(rows: Rows) -> Iterator[Arrival | BadRow]:
    for row in rows:
        if isinstance(row, BadRow) or not row.request.metadata:
            yield row
        else:
            at, request, line = row
            metadata = _copied(request.metadata)
            yield Arrival(at, request.model_copy(update={"metadata": metadata}), line)


def _copied(metadata: Mapping[str, Any]) -> dict[str, Any]:
    nested = any(isinstance(value, dict | list) for value in metadata.values())
    return dict(deepcopy(metadata) if nested else metadata)


def _name(traffic: Traffic) -> str | None:
    """Tells a file's contents and how they are read from all others; ``None`` if it is large."""
    assert traffic.trace is not None
    file = traffic.trace.stat()
    if file.st_size > LARGEST:
        return None
    told = (str(traffic.trace.absolute()), file.st_mtime_ns, file.st_size, file.st_ino)
    return repr((told, traffic.format, sorted(traffic.params.items())))
