"""How restarts are spaced."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Backoff"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential spacing of restarts, and the point at which to give up.

    Attributes:
        first: seconds before the first restart.
        factor: by how much each further wait is longer.
        most: the longest wait, in seconds.
        quick: a process that ends within so many seconds of being ready has failed quickly.
        patience: quick failures in a row that are borne; one more and the process is given up.
    """

    first: float = 0.2
    factor: float = 2.0
    most: float = 10.0
    quick: float = 10.0
    patience: int = 5

    def delay(self, failures: int) -> float:
        """Seconds to wait before the restart after ``failures`` >= 1 quick failures in a row."""
        return min(self.most, self.first * self.factor ** (failures - 1))
