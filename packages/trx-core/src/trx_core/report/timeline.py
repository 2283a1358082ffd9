"""What went on over time: occupied slots, tasks waiting, arrivals and completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.report.columns import AttemptColumns, Ending
from trx_core.report.samples import Samples

__all__ = ["BINS", "Timeline"]

Floats = NDArray[np.float64]

BINS: Final = 120


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Means over B equal spans of time.

    Attributes:
        edges: [B + 1] where spans begin and end, seconds from the first entry of the log.
        pools: [P] names, in the order in which the log names them.
        occupied: [P, B] slots occupied by attempts that ended.
        waiting: [B] tasks accepted, not ended and not yet dispatched.
        arrived: [B] tasks accepted per second.
        completed: [B] tasks completed per second.
    """

    edges: Floats
    pools: tuple[str, ...]
    occupied: Floats
    waiting: Floats
    arrived: Floats
    completed: Floats

    @classmethod
    def of(
        cls,
        samples: Samples,
        attempts: AttemptColumns,
        pools: Mapping[str, int],
        *,
        since: float,
        until: float,
        bins: int = BINS,
    ) -> Timeline:
        """The timeline of a fold; of zeros if it has no length.

        Args:
            samples: of the tasks.
            attempts: of the same tasks.
            pools: name → number.
            since: the first instant, seconds on the log's clock.
            until: the last one.
            bins: B, from 1.
        """
        span = max(until - since, 0.0) if np.isfinite(until - since) else 0.0
        edges = np.linspace(0.0, span, bins + 1)
        width = max(span / bins, np.finfo(np.float64).tiny)
        owner, slots = np.array(attempts.pool, dtype=np.int64), np.array(attempts.slots)
        started, ended = np.array(attempts.started) - since, np.array(attempts.ended) - since
        occupied = [
            _mean_level(started[mine], ended[mine], slots[mine], edges)
            for code in pools.values()
            for mine in (owner == code,)
        ]
        left = np.fmin(np.fmin(samples.dispatched, samples.ended), until) - since
        left = np.where(np.isnan(left), span, left)
        known = ~np.isnan(samples.enqueued)
        arrived = samples.enqueued[known] - since
        done = samples.ended[samples.ending == Ending.COMPLETED] - since
        return cls(
            edges=edges,
            pools=tuple(pools),
            occupied=np.array(occupied).reshape(len(pools), bins),
            waiting=_mean_level(arrived, left[known], np.ones(arrived.size), edges),
            arrived=_counts(arrived, edges) / width,
            completed=_counts(done, edges) / width,
        )


def _mean_level(starts: Floats, ends: Floats, weights: Floats, edges: Floats) -> Floats:
    """[B] mean over each span of the summed weights of the intervals that hold an instant."""
    whole = _ramp(starts, weights, edges) - _ramp(ends, weights, edges)
    width = np.diff(edges)
    return np.divide(np.diff(whole), width, out=np.zeros_like(width), where=width > 0)


def _ramp(begins: Floats, weights: Floats, edges: Floats) -> Floats:
    """[B + 1] the integral up to each edge of weights that set in at ``begins``."""
    order = np.argsort(begins, kind="stable")
    heights = np.concatenate(([0.0], np.cumsum(weights[order])))
    moments = np.concatenate(([0.0], np.cumsum(weights[order] * begins[order])))
    before = np.searchsorted(begins[order], edges)
    level: Floats = heights[before] * edges - moments[before]
    return level


def _counts(instants: Floats, edges: Floats) -> Floats:
    if not edges[-1] > 0:
        return np.zeros(edges.size - 1)
    return np.histogram(instants, edges)[0].astype(np.float64)
