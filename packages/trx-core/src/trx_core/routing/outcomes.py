"""What became of attempts, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trx_core.models import Attempt, Outcome

__all__ = ["Outcomes"]

Floats = NDArray[np.float64]
Scalar = TypeVar("Scalar", bound=np.generic)


class Outcomes:
    """N attempts that have ended, in the order in which the kernel was told.

    Columns are read-only and worked out when they are first asked for.

    Args:
        attempts: [N] who was tried where, which attempt it was, and who had placed it.
        outcomes: [N] what came of it.
        at: [N] when it ended, seconds on the clock of the rounds.

    Raises:
        ValueError: they are not equally many.
    """

    def __init__(
        self, attempts: Sequence[Attempt], outcomes: Sequence[Outcome], at: Sequence[float]
    ) -> None:
        if not len(attempts) == len(outcomes) == len(at):
            raise ValueError("attempts, outcomes and instants are equally many")
        self.attempts = tuple(attempts)
        self.outcomes = tuple(outcomes)
        self._at = at

    def __len__(self) -> int:
        """N."""
        return len(self.attempts)

    @cached_property
    def at(self) -> Floats:
        """[N] when each ended, seconds on the clock of the rounds."""
        return _frozen(np.array(self._at, dtype=np.float64))

    @cached_property
    def placed_at(self) -> Floats:
        """[N] when each was placed, seconds on the clock of the rounds."""
        return _frozen(np.array([one.placed_at for one in self.attempts], dtype=np.float64))

    @cached_property
    def latency(self) -> Floats:
        """[N] seconds of service, not negative."""
        return _frozen(np.array([one.latency for one in self.outcomes], dtype=np.float64))

    @cached_property
    def cost(self) -> Floats:
        """[N] money charged, not negative."""
        return _frozen(np.array([one.cost for one in self.outcomes], dtype=np.float64))

    @cached_property
    def success(self) -> NDArray[np.bool_]:
        """[N] whether the task was done."""
        return _frozen(np.array([one.success for one in self.outcomes], dtype=np.bool_))


def _frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array
