"""What to expect of a pool, learned from outcomes."""

from __future__ import annotations

from typing import Final

from trx_core.models import Outcome

__all__ = ["Estimates"]

_ALPHA: Final = 0.1
_MAX_TYPES: Final = 1024


class Estimates:
    """Exponentially weighted means of latency and success by task type, for one pool.

    A type that has not been seen is expected to do as the pool's catalogue says. At most 1,024
    types are kept; further ones share the catalogue's figures.

    Attributes:
        by_type: latency and success of the types that have been seen.
        prior: those of every other type.

    Args:
        latency: seconds, from the catalogue.
        success: probability, from the catalogue.
    """

    __slots__ = ("by_type", "prior")

    def __init__(self, latency: float, success: float) -> None:
        self.prior = (latency, success)
        self.by_type: dict[str, tuple[float, float]] = {}

    def latency(self, task_type: str) -> float:
        """Expected seconds of service."""
        return self.by_type.get(task_type, self.prior)[0]

    def success(self, task_type: str) -> float:
        """Expected probability of success."""
        return self.by_type.get(task_type, self.prior)[1]

    def observe(self, task_type: str, outcome: Outcome) -> None:
        """Move the estimates a tenth of the way towards ``outcome``."""
        by_type = self.by_type
        known = by_type.get(task_type)
        if known is None:
            if len(by_type) >= _MAX_TYPES:
                return
            known = self.prior
        latency, success = known
        by_type[task_type] = (
            latency + _ALPHA * (outcome[0] - latency),
            success + _ALPHA * (outcome[1] - success),
        )
