"""Numbers and times as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

__all__ = ["NOTHING", "between", "duration", "instant", "local_time", "quantile"]

NOTHING: Final = "\N{EN DASH}"
UNITS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def duration(seconds: float | None) -> str:
    """Seconds in the unit that suits them: ``12 ms``, ``3.4 s``, ``2.5 h``."""
    if seconds is None:
        return NOTHING
    for size, unit in UNITS:
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def instant(text: str | None) -> datetime | None:
    """RFC 3339 to a time."""
    return None if text is None else datetime.fromisoformat(text)


def between(start: str | None, end: str | None) -> float | None:
    """Seconds from one RFC 3339 time to another, if both are known."""
    first, last = instant(start), instant(end)
    return None if first is None or last is None else (last - first).total_seconds()


def quantile(values: Sequence[float], share: float) -> float | None:
    """The least value that ``share`` (0 to 1) of the values do not exceed; ``None`` of none."""
    if not values:
        return None
    rank = max(0, -int(-share * len(values) // 1) - 1)
    return sorted(values)[rank]


def local_time(moment: datetime) -> str:
    """The time of day where the reader is."""
    zone = st.context.timezone
    return moment.astimezone(ZoneInfo(zone) if zone else None).strftime("%H:%M:%S")
