"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["DASH", "count", "fixed", "percent", "significant", "times"]

DASH: Final = "–"  # noqa: RUF001
_UNITS: Final = ((1.0, 1000.0, "ms"), (600.0, 1.0, "s"), (36_000.0, 1 / 60, "min"))
_LARGEST: Final = (1 / 3600, "h")


def count(number: int | None) -> str:
    """``12,345``."""
    return DASH if number is None else f"{number:,}"


def fixed(number: float | None, decimals: int) -> str:
    """``12,345.60``."""
    return DASH if number is None else f"{number:,.{decimals}f}"


def significant(number: float | None) -> str:
    """To three digits that count, and to a tenth at least: ``12,345.6``, ``3.14``, ``0.0021``."""
    if number is None:
        return DASH
    return f"{number:,.1f}" if abs(number) >= 100 else f"{number:.3g}"


def percent(ratio: float | None) -> str:
    """``45.1 %``; only nothing is ``0.0 %``, and only the whole is ``100.0 %``."""
    if ratio is None:
        return DASH
    rounded = f"{100 * ratio:.1f}"
    if rounded == "0.0" and ratio > 0:
        return "<0.1 %"
    if rounded == "100.0" and ratio < 1:
        return "99.9 %"
    return f"{rounded} %"


def times(seconds: Sequence[float | None]) -> tuple[list[str], str]:
    """Times in one unit, that which suits the middle one, and the unit."""
    typical = seconds[len(seconds) // 2] or next((value for value in seconds if value), None)
    if typical is None:
        return [fixed(value, 1) for value in seconds], "s"
    factor, unit = next(
        ((factor, unit) for limit, factor, unit in _UNITS if abs(typical) < limit), _LARGEST
    )
    decimals = 1 if unit == "ms" else 2
    return [fixed(None if v is None else v * factor, decimals) for v in seconds], unit
