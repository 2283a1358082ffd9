"""The time that a decision may take, and the end of one that takes more."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf, isfinite
from threading import current_thread, main_thread
from types import CodeType, FrameType
from typing import Final

from trx_core.engine.calls import ask
from trx_core.routing import ScoreAlgorithm

__all__ = ["Budget"]

_LOOKS: Final = 4
_LONGEST: Final = 1.0
_FOREIGN: Final[frozenset[CodeType]] = frozenset({ask.__code__, ScoreAlgorithm.best.__code__})
"""Where an engine enters an algorithm: what is called from here may be broken off."""


class Overrun(BaseException):
    """Breaks off an algorithm; none but an engine should catch it."""


class Budget:
    """Wall-clock seconds that an algorithm may take for a round.

    Attributes:
        seconds: as many; infinity for no limit.
        since: when the decision under way began, by ``time.perf_counter``; infinity between them.
    """

    __slots__ = ("seconds", "since")

    def __init__(self, seconds: float = inf) -> None:
        self.seconds = seconds
        self.since = inf

    @property
    def overdrawn(self) -> str:
        """What is wrong with a decision that took more."""
        return f"no decision within {self.seconds:g} s"

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Break off what is overdue, at most a quarter of the budget or a second late.

        A timer looks now and then whether a decision is, so that one in time costs nothing; the
        algorithm meets an exception, again and again until it lets go. It needs the main thread, a
        system with SIGALRM and nobody else who handles it: elsewhere nothing is broken off. Nor is
        a call into compiled code that holds Python up.
        """
        ours = current_thread() is main_thread() and hasattr(signal, "setitimer")
        if not ours or not isfinite(self.seconds):
            yield
            return
        if signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
            yield
            return
        pause = min(self.seconds / _LOOKS, _LONGEST)
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, pause, pause)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        if time.perf_counter() - self.since <= self.seconds:
            return
        while frame is not None:
            if frame.f_code in _FOREIGN:
                raise Overrun(self.overdrawn)
            frame = frame.f_back
