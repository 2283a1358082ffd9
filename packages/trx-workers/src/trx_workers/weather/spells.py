"""Spells of bad weather: they begin at random instants and last for random times."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from trx_workers.weather.stream import Stream

__all__ = ["Span", "Spells"]

CELL: Final = 16
"""Spells that begin in one cell of time, on average."""

LONGEST: Final = 37.0
"""Times the mean that a spell lasts at most: ``-ln(2**-53)`` is 36.7."""

MOST_CELLS: Final = 256

_BEGIN, _LAST = 0, 1


class Span(NamedTuple):
    """From ``begin`` until ``end``, seconds."""

    begin: float
    end: float


class Spells:
    """A Poisson process of spells of exponential length; those that overlap are one.

    Time is cut into cells, whose spells are drawn from keys of their own: what happens at an
    instant is found without going through all time before it, in whatever order it is asked.
    In the long run the share ``1 - exp(-lasts / every)`` of time is within a spell (M/G/∞).

    Args:
        stream: of the numbers.
        every: mean seconds from one beginning to the next.
        lasts: mean seconds.
    """

    def __init__(self, stream: Stream, every: float, lasts: float) -> None:
        self._stream = stream
        self._every = every
        self._lasts = lasts
        self._cell = CELL * every
        self._reach = math.ceil(LONGEST * lasts / self._cell)
        self._drawn: dict[int, list[Span]] = {}
        self._merged: dict[int, list[Span]] = {}

    def at(self, instant: float) -> Span | None:
        """The spell that the instant lies in."""
        spans = self._of(math.floor(instant / self._cell))
        index = bisect_right(spans, (instant, math.inf)) - 1
        if index >= 0 and instant < spans[index].end:
            return spans[index]
        return None

    def next(self, after: float, until: float) -> Span | None:
        """The first spell that begins later than ``after`` and before ``until``."""
        cell, last = (math.floor(instant / self._cell) for instant in (after, until))
        while cell <= last:
            spans = self._of(cell)
            index = bisect_right(spans, (after, math.inf))
            if index < len(spans):
                return spans[index] if spans[index].begin < until else None
            cell += 1
        return None

    def _of(self, cell: int) -> list[Span]:
        """The spells that reach into a cell or begin in it, merged, in order."""
        known = self._merged.get(cell)
        if known is not None:
            return known
        merged: list[Span] = []
        for near in range(cell - self._reach, cell + 1):
            for span in self._begun_in(near):
                if merged and span.begin <= merged[-1].end:
                    merged[-1] = Span(merged[-1].begin, max(merged[-1].end, span.end))
                else:
                    merged.append(span)
        found = [span for span in merged if span.end > cell * self._cell]
        _keep(self._merged, cell, found)
        return found

    def _begun_in(self, cell: int) -> list[Span]:
        known = self._drawn.get(cell)
        if known is None:
            known = list(self._draw(cell))
            _keep(self._drawn, cell, known)
        return known

    def _draw(self, cell: int) -> Iterator[Span]:
        at, end, number = cell * self._cell, (cell + 1) * self._cell, 0
        while True:
            at -= self._every * math.log1p(-self._stream.uniform(cell, number, _BEGIN))
            if at >= end:
                return
            lasts = -self._lasts * math.log1p(-self._stream.uniform(cell, number, _LAST))
            yield Span(at, at + lasts)
            number += 1


def _keep(cells: dict[int, list[Span]], cell: int, spans: list[Span]) -> None:
    """Remember a cell, and forget the oldest when there are many."""
    if len(cells) >= MOST_CELLS:
        del cells[next(iter(cells))]
    cells[cell] = spans
