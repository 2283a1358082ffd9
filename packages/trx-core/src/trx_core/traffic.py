"""Traffic as rows: those that can be used, and a count of those that cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from trx_core.protocols import Arrival, BadRow

__all__ = ["Faults", "say_rows", "sifted"]

NAMED: Final = 5


class Faults:
    """Rows that could not be used: all are counted, the first few are kept.

    Attributes:
        count: how many.
        first: at most five of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self.first: list[BadRow] = []

    def add(self, row: BadRow) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < NAMED:
            self.first.append(row)


def say_rows(fate: str, count: int, first: Sequence[BadRow]) -> str:
    """One line for people: how many rows ``fate`` ("could not be read"), and the first of them."""
    named = "; ".join(f"line {r.line}: {r.reason}" if r.line else r.reason for r in first)
    more = f"; and {count - len(first):,} more" if count > len(first) else ""
    return f"Rows that {fate}: {count:,} ({named}{more})."


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
