"""Clocks: the wall's, and one that only moves when it is told to."""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "SystemClock", "VirtualClock"]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Seconds since the Unix epoch (live) or since the start of the run (lab)."""
        ...


class SystemClock:
    """The wall clock."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time()


class VirtualClock:
    """A clock that stands still until it is moved.

    Attributes:
        at: seconds of virtual time; whoever sets it sees to it that it does not run backwards.
    """

    __slots__ = ("at",)

    def __init__(self, start: float = 0.0) -> None:
        self.at = start

    def now(self) -> float:
        """Seconds of virtual time."""
        return self.at

    def advance(self, to: float) -> None:
        """Move to ``to`` seconds.

        Raises:
            ValueError: ``to`` lies in the past.
        """
        if to < self.at:
            raise ValueError(f"virtual time cannot run backwards: {to} < {self.at}")
        self.at = to
