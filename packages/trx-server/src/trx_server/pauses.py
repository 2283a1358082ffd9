"""How long to wait before something is tried again, and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

__all__ = ["growing_pauses"]

FIRST: Final = 0.1
LONGEST: Final = 2.0


def growing_pauses() -> Iterator[float]:
    """Seconds, without end: each pause is twice the one before, up to 2."""
    pause = FIRST
    while True:
        yield pause
        pause = min(2 * pause, LONGEST)
