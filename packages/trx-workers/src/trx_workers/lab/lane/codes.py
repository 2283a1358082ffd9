"""What the entries of the loop's log tell of."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCEPTED", "CLOSED", "STARTED"]

ACCEPTED: Final = 0
STARTED: Final = 1
CLOSED: Final = 2
