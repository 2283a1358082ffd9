"""The time that a decision may take, and the end of one that takes more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf, isfinite
from types import CodeType, FrameType
from typing import Final

from trx_core.engine.calls import ask
from trx_core.limits import LONGEST_PAUSE, LOOKS, OutOfTime, alarmed, passes_through
from trx_core.routing import ScoreAlgorithm

__all__ = ["Budget"]

_FOREIGN: Final[frozenset[CodeType]] = frozenset({ask.__code__, ScoreAlgorithm.best.__code__})
"""Where an engine enters an algorithm: what is called from here may be broken off."""


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
        if not isfinite(self.seconds):
            yield
            return
        with alarmed(self._look, min(self.seconds / LOOKS, LONGEST_PAUSE)):
            yield

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        late = time.perf_counter() - self.since > self.seconds
        if late and passes_through(frame, _FOREIGN):
            raise OutOfTime(self.overdrawn)
