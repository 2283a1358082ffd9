"""Which arrivals are due, in compressed time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trx_core.protocols import Arrival, BadRow

__all__ = ["NAMED", "Faults", "Pace"]

NAMED: Final = 5


class Faults:
    """Rows that could not be used: all are counted, the first few are kept."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[BadRow] = []

    def add(self, row: BadRow) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < NAMED:
            self.first.append(row)


class Pace:
    """Hands arrivals out when they are due; reads ahead by one.

    Args:
        rows: in order of time.
        speed: seconds of the traffic's time per second of ours, above 0; may be infinite.
        limit: most arrivals to hand out; ``None`` is all.
    """

    def __init__(
        self, rows: Iterable[Arrival | BadRow], speed: float, limit: int | None = None
    ) -> None:
        self._rows = iter(rows)
        self._speed = speed
        self._left = limit
        self.malformed = Faults()
        self._head = self._read()

    @property
    def next_due(self) -> float | None:
        """When the next arrival is due, seconds since the start; ``None``: there is none."""
        return None if self._head is None else self._head.at / self._speed

    def take(self, elapsed: float, most: int) -> list[Arrival]:
        """What is due ``elapsed`` seconds after the start, at most ``most``."""
        horizon = elapsed * self._speed
        taken: list[Arrival] = []
        while self._head is not None and self._head.at <= horizon and len(taken) < most:
            taken.append(self._head)
            self._head = self._read()
        return taken

    def _read(self) -> Arrival | None:
        if self._left == 0:
            return None
        for row in self._rows:
            if isinstance(row, Arrival):
                if self._left is not None:
                    self._left -= 1
                return row
            self.malformed.add(row)
        return None
