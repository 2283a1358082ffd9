"""Options of trace readers, and values out of cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from trx_workers.parameters import Parameters, options_of, param

__all__ = ["ReaderOptions", "instant", "read_options"]


class ReaderOptions(Parameters):
    """Options of every reader of this package."""

    jitter: float = param(
        1.0, "by how much a row's time may run back and be mended, not refused", unit="s", ge=0
    )


P = TypeVar("P", bound=Parameters)


def read_options(model: type[P], options: Mapping[str, Any], format: str) -> P:
    """Check a reader's options.

    Raises:
        CallerError: ``TRX-C135``, naming each option that is wrong.
    """
    return options_of(model, options, f"trace format {format!r}", "TRX-C135")


def instant(text: str) -> datetime:
    """An ISO 8601 date and time; UTC where it names no zone; digits past the microsecond go.

    Raises:
        ValueError: it is none.
    """
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not an ISO 8601 date and time") from None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
