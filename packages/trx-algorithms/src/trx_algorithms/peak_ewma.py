"""Joins the pool of least delay, by latencies that rise at once and fall slowly."""

from __future__ import annotations

from math import exp
from typing import NamedTuple
from uuid import UUID

from trx_algorithms.least_loaded import LeastDelay
from trx_core.routing import Outcomes, RoutingProblem

__all__ = ["PeakEwma"]


class _Peak(NamedTuple):
    """An estimate of a latency, seconds, as it was at an instant."""

    seconds: float
    at: float


class PeakEwma(LeastDelay):
    """As shortest expected delay, by latencies that rise at once and fall slowly.

    Peak EWMA (Finagle, ``com.twitter.finagle.loadbalancer.PeakEwma``; Linkerd's proxy has it as
    ``tower::load::PeakEwma``): the estimate of a latency jumps to any greater one that is seen, and
    moves towards lesser ones by ``1 - exp(-elapsed / decay)`` of the way; load is that estimate
    times what is outstanding, here per slot of the pool. So a pool that turns slow is avoided as
    soon as one answer says so, and tried again with caution.

    What is seen is how long each attempt took, by task type and pool, and the expected latency of
    each round, towards which an estimate falls while nothing is seen (Finagle lets it fall to 0).
    An attempt that failed may raise the estimate and never lowers it: a pool that fails at once is
    not a fast one.

    O(T·P), and O(N) for N attempts that have ended. State: an estimate for each pool of the fleet
    and each of the ``types`` task types seen last.

    Use it where pools turn slow for a time (garbage collection, noisy neighbours). Do not use it
    where service times of one type vary by nature: it takes chance for trouble.

    Args:
        decay: seconds in which all but a third (1/e) of a peak is forgotten, above 0.
        types: task types that are remembered, from 1.

    Raises:
        ValueError: ``decay`` is not above 0, or ``types`` below 1.
    """

    def __init__(self, decay: float = 10.0, types: int = 1024) -> None:
        if not decay > 0:
            raise ValueError(f"decay must be above 0, not {decay}")
        if types < 1:
            raise ValueError(f"types must be at least 1, not {types}")
        self.decay = decay
        self.types = types
        self._seen: dict[str, dict[UUID, _Peak]] = {}

    def observe(self, outcomes: Outcomes) -> None:
        """Take in how long attempts took."""
        columns = (outcomes.attempts, outcomes.latency.tolist(), outcomes.success.tolist())
        for attempt, seconds, success, at in zip(*columns, outcomes.at.tolist(), strict=True):
            peaks = self._of_type(attempt.task.type)
            known = peaks.get(attempt.pool.id)
            if known is None or seconds > known.seconds:
                peaks[attempt.pool.id] = _Peak(seconds, at)
            elif success:
                kept = self._kept(known.at, at)
                fallen = kept * known.seconds + (1.0 - kept) * seconds
                peaks[attempt.pool.id] = _Peak(fallen, max(known.at, at))

    def seconds(self, problem: RoutingProblem) -> list[list[float]]:
        """The peaks."""
        ids = [view.pool.id for view in problem.pools]
        return [
            self._peaks(kind, ids, row, problem.now)
            for kind, row in zip(problem.types, problem.latency.tolist(), strict=True)
        ]

    def _peaks(self, kind: str, ids: list[UUID], expected: list[float], now: float) -> list[float]:
        known = self._of_type(kind)
        found = [
            self._fallen(known.get(key), value, now)
            for key, value in zip(ids, expected, strict=True)
        ]
        self._seen[kind] = {key: _Peak(value, now) for key, value in zip(ids, found, strict=True)}
        return found

    def _fallen(self, peak: _Peak | None, expected: float, now: float) -> float:
        """What is left of a peak above what is expected."""
        if peak is None:
            return expected
        return expected + self._kept(peak.at, now) * max(0.0, peak.seconds - expected)

    def _kept(self, since: float, now: float) -> float:
        return exp(min(0.0, since - now) / self.decay)

    def _of_type(self, kind: str) -> dict[UUID, _Peak]:
        """The peaks of a type, which is now the one seen last."""
        peaks = self._seen.pop(kind, {})
        while len(self._seen) >= self.types:
            del self._seen[next(iter(self._seen))]
        self._seen[kind] = peaks
        return peaks
