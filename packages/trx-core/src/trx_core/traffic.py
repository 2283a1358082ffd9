"""Traffic as rows: those that can be used, and a count of those that cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from trx_core import admission
from trx_core.admission import Fault, Wish
from trx_core.models import Fleet
from trx_core.protocols import Arrival, BadRow

__all__ = ["LISTED", "Alike", "Faults", "admitted", "say_rows", "sifted"]

NAMED: Final = 10

LISTED: Final = 1000
"""Rows that are kept one by one, for results as JSON."""


ELSEWHERE: Final = f"`trx simulate --json` lists the first {LISTED:,} line by line."


class Alike(NamedTuple):
    """Rows that could not be used for one and the same reason.

    Attributes:
        line: of the first of them; 0 when they were generated.
        reason: why.
        rows: how many.
    """

    line: int
    reason: str
    rows: int


class Faults:
    """Rows that could not be used: all are counted, and the first of them are kept.

    Attributes:
        count: how many rows.
        rows: the first 1,000 of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self.rows: list[BadRow] = []
        self._alike: dict[str, Alike] = {}

    @property
    def first(self) -> list[Alike]:
        """The first ten reasons, in the order in which they were met."""
        return list(self._alike.values())

    def add(self, row: BadRow) -> None:
        """Count one more."""
        self.count += 1
        if len(self.rows) < LISTED:
            self.rows.append(row)
        known = self._alike.get(row.reason)
        if known is not None:
            line = min(known.line, row.line)
            self._alike[row.reason] = Alike(line, row.reason, known.rows + 1)
        elif len(self._alike) < NAMED:
            self._alike[row.reason] = Alike(row.line, row.reason, 1)


def say_rows(fate: str, count: int, first: Sequence[Alike]) -> str:
    """One line for people: how many rows ``fate`` ("could not be read"), and the first reasons.

    Of rows of a file that it does not name one by one it says where the rest is.
    """
    more = count - sum(alike.rows for alike in first)
    named = [_say(alike) for alike in first] + ([f"and {more:,} more"] if more else [])
    told = f"Rows that {fate}: {count:,} ({'; '.join(named)})."
    hidden = more > 0 or any(alike.rows > 1 for alike in first)
    return f"{told} {ELSEWHERE}" if hidden and any(alike.line for alike in first) else told


def _say(alike: Alike) -> str:
    if alike.rows == 1:
        return f"line {alike.line}: {alike.reason}" if alike.line else alike.reason
    since = f" from line {alike.line}" if alike.line else ""
    return f"{alike.rows:,}{since}: {alike.reason}"


def sifted(
    rows: Iterable[Arrival | BadRow], faults: Faults, limit: int | None = None
) -> Iterator[Arrival]:
    """The arrivals among ``rows``, at most ``limit``; the others are added to ``faults``.

    No row is read before it is asked for, and none after the last arrival wanted.
    """

    def arrivals() -> Iterator[Arrival]:
        for row in rows:
            if isinstance(row, Arrival):
                yield row
            else:
                faults.add(row)

    return islice(arrivals(), limit)


def admitted(arrivals: Iterable[Arrival], fleet: Fleet, refused: Faults) -> Iterator[Arrival]:
    """The arrivals that some pool of ``fleet`` could carry out, as the service judges them.

    The others are added to ``refused``.
    """

    @cache
    def fault(wish: Wish) -> Fault | None:
        return next(iter(admission.faults(wish, fleet)), None)

    for arrival in arrivals:
        wrong = fault(Wish.of(arrival.request))
        if wrong is None:
            yield arrival
        else:
            refused.add(BadRow(arrival.line, str(wrong)))
