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
    """A clock that stands still until :meth:`advance` moves it."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds of virtual time."""
        return self._now

    def advance(self, to: float) -> None:
        """Move to ``to`` seconds.

        Raises:
            ValueError: ``to`` lies in the past.
        """
        if to < self._now:
            raise ValueError(f"virtual time cannot run backwards: {to} < {self._now}")
        self._now = to
