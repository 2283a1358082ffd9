"""Which arrivals are due, in compressed time."""

from __future__ import annotations

from collections.abc import Iterable

from trx_core.protocols import Arrival, BadRow
from trx_core.traffic import Faults, sifted

__all__ = ["Pace"]


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
        self.malformed = Faults()
        self._arrivals = sifted(rows, self.malformed, limit)
        self._speed = speed
        self._head = next(self._arrivals, None)

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
            self._head = next(self._arrivals, None)
        return taken
