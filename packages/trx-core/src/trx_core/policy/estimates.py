"""What to expect of a pool, learned from outcomes and from attempts that have not ended."""

from __future__ import annotations

from typing import Final

from trx_core.models import Outcome

__all__ = ["Estimates", "Expected"]

_ALPHA: Final = 0.1
_MEMORY: Final = 10
"""Outcomes that a mean, or the catalogue, stands for."""
_MAX_TYPES: Final = 1024

Expected = tuple[float, float]
"""Latency, seconds, and probability of success."""


class Estimates:
    """Exponentially weighted means of latency and success by task type, for one pool.

    A type that has not been seen is expected to do as the pool's catalogue says. At most 1,024
    types are kept; further ones share the catalogue's figures.

    Whoever runs still tells something too: where the ``n`` running attempts at a type are older on
    average than the mean ``m`` of those that have ended, the latency is ``m + n / (n + 10) ·
    (age - m)``, as a mean stands for ten outcomes. (They are right-censored: where service is
    exponential the mean age of what runs is the mean of service.) So a pool at which nothing ends
    does not keep the figure of its catalogue. See :meth:`look`.

    Attributes:
        by_type: latency and success of the types that have been seen.
        prior: those of every other type.

    Args:
        latency: seconds, from the catalogue.
        success: probability, from the catalogue.
    """

    __slots__ = ("_ended", "_running", "by_type", "prior")

    def __init__(self, latency: float, success: float) -> None:
        self.prior: Expected = (latency, success)
        self.by_type: dict[str, Expected] = {}
        self._ended: dict[str, Expected] = {}
        self._running: dict[str, tuple[int, float]] = {}

    def latency(self, task_type: str) -> float:
        """Expected seconds of service."""
        return self.by_type.get(task_type, self.prior)[0]

    def success(self, task_type: str) -> float:
        """Expected probability of success."""
        return self.by_type.get(task_type, self.prior)[1]

    def begin(self, task_type: str, at: float) -> None:
        """An attempt starts at an instant (seconds)."""
        running = self._running
        count, starts = running.get(task_type, (0, 0.0))
        running[task_type] = (count + 1, starts + at)

    def leave(self, task_type: str, began: float) -> None:
        """An attempt that began then (seconds) runs no more; nothing is learned from it."""
        running = self._running
        count, starts = running.get(task_type, (0, 0.0))
        if count > 1:
            running[task_type] = (count - 1, starts - began)
        else:
            running.pop(task_type, None)

    def observe(self, task_type: str, outcome: Outcome, now: float) -> None:
        """Move the estimates a tenth of the way towards ``outcome``, of an attempt that has left
        at ``now`` (seconds)."""
        by_type = self.by_type
        ended = self._ended.get(task_type) if self._ended else None
        known = ended or by_type.get(task_type)
        if known is None:
            if len(by_type) >= _MAX_TYPES:
                return
            known = self.prior
        latency, success = known
        by_type[task_type] = (
            latency + _ALPHA * (outcome[0] - latency),
            success + _ALPHA * (outcome[1] - success),
        )
        if ended is not None:
            del self._ended[task_type]
            if task_type in self._running:
                self._weigh(task_type, now)

    def look(self, now: float) -> None:
        """Take in how old the running attempts are at ``now`` (seconds). O(types)."""
        for task_type in self._running:
            self._weigh(task_type, now)
        for task_type in self._ended.keys() - self._running.keys():
            self.by_type[task_type] = self._ended.pop(task_type)

    def _weigh(self, task_type: str, now: float) -> None:
        by_type, (count, starts) = self.by_type, self._running[task_type]
        seen = by_type.get(task_type)
        if seen is None and len(by_type) >= _MAX_TYPES:
            return
        latency, success = ended = self._ended.get(task_type) or seen or self.prior
        older = now - starts / count - latency
        if older > 0:
            self._ended[task_type] = ended
            by_type[task_type] = (latency + count / (count + _MEMORY) * older, success)
        elif task_type in self._ended:
            by_type[task_type] = self._ended.pop(task_type)
