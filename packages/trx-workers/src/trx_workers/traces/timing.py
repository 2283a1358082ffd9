"""Putting a trace's time in order: small disorder is mended, a wild clock is refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from trx_core.protocols import Arrival, BadRow

__all__ = ["in_order"]

LOOKAHEAD: Final = 1000
"""Rows, bad ones included, that are held back at most before one is judged."""


def in_order(
    rows: Iterable[Arrival | BadRow], *, jitter: float, rebase: bool
) -> Iterator[Arrival | BadRow]:
    """Rows with times that do not decrease, in the order of the file.

    - A row at most ``jitter`` seconds behind the latest time so far is taken to have arrived then.
    - A row further behind is refused.
    - A row further ahead than both of the arrivals that follow it, which agree with what came
      before, is refused itself: one wild clock costs one row, not the rest of the file.

    Args:
        rows: arrivals at the times that the trace says, and rows that are bad already.
        jitter: seconds of disorder to mend.
        rebase: whether the first row that stands is at 0; otherwise times stay as they are.
    """
    clock = _Clock(jitter, rebase)
    window: deque[Arrival | BadRow] = deque()
    ahead: deque[Arrival] = deque()
    for row in rows:
        window.append(row)
        if isinstance(row, Arrival):
            ahead.append(row)
        while len(ahead) > 2 or len(window) > LOOKAHEAD:
            yield _next(window, ahead, clock)
    while window:
        yield _next(window, ahead, clock)


def _next(
    window: deque[Arrival | BadRow], ahead: deque[Arrival], clock: _Clock
) -> Arrival | BadRow:
    row = window.popleft()
    if isinstance(row, BadRow):
        return row
    ahead.popleft()
    return clock.judge(row, ahead)


class _Clock:
    def __init__(self, jitter: float, rebase: bool) -> None:
        self._jitter = jitter
        self._latest: float | None = None
        self._origin: float | None = None if rebase else 0.0

    def judge(self, row: Arrival, ahead: Sequence[Arrival]) -> Arrival | BadRow:
        latest, jitter = self._latest, self._jitter
        if latest is not None and row.at < latest - jitter:
            return BadRow(row.line, f"its time runs back {latest - row.at:.6g} s")
        behind = row.at - jitter
        agreed = [one.at for one in ahead if one.at < behind]
        if agreed and latest is not None:
            agreed = [at for at in agreed if at >= latest - jitter]
        if len(agreed) > 1:
            leap = row.at - max(agreed)
            return BadRow(row.line, f"its time leaps {leap:.6g} s past the rows after it")
        at = self._latest = row.at if latest is None else max(latest, row.at)
        if self._origin is None:
            self._origin = at
        return Arrival(at - self._origin, row.request, row.line)
