"""Options of trace readers, and values out of cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from trx_core.errors import CallerError
from trx_workers.parameters import Parameters, param

__all__ = ["ReaderOptions", "instant", "read_options"]


class ReaderOptions(Parameters):
    """Options of every reader of this package."""

    jitter: float = param(
        1.0, "by how much a row's time may run back and be mended, not refused", unit="s", ge=0
    )


Options = TypeVar("Options", bound=Parameters)


def read_options(model: type[Options], options: Mapping[str, Any], format: str) -> Options:
    """Check a reader's options.

    Raises:
        CallerError: ``TRX-C135``, naming each option that is wrong.
    """
    try:
        return model.parse(options)
    except ValueError as error:
        raise CallerError(
            f"the trace format {format!r} does not take these options: {error}.",
            code="TRX-C135",
            hint=f"It takes {', '.join(sorted(model.model_fields))}.",
        ) from None


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
