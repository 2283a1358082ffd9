"""Intervals for the mean of a few differences, and what many of them say together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "Interval", "adjacent", "alike", "holm", "paired"]

Floats = NDArray[np.float64]

LEVEL: Final = 0.95
RESAMPLES: Final = 9_999
ROUNDING: Final = 1e-9
"""Spread of differences, relative to the largest, below which they count as one and the same."""


class Interval(NamedTuple):
    """Of a mean.

    Attributes:
        low: lower end.
        high: upper end.
        p: the probability of a mean at least as far from 0 if the true one were 0.
    """

    low: float
    high: float
    p: float


def paired(
    differences: Floats, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Interval | None:
    """The symmetric bootstrap-t interval of :data:`LEVEL` for the mean of ``differences``.

    The differences are drawn again with replacement, and each time their mean's distance from the
    original one is measured in its own standard errors. With few and skewed differences it holds
    its level better than percentiles do (P. Hall, "On symmetric bootstrap confidence intervals",
    JRSS B 50, 1988; B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 12).

    Args:
        differences: [N] independent.
        rng: draws.
        resamples: how often.

    Returns:
        ``None`` where they do not tell how far chance may carry them: there are fewer than two,
        one is not finite, they are all alike, or so many are that most of those drawn are too.
    """
    size = differences.size
    if size < 2 or not np.isfinite(differences).all() or alike(differences):
        return None
    mean, error = float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(size))
    drawn = differences[rng.integers(size, size=(resamples, size))]
    errors = drawn.std(axis=1, ddof=1) / np.sqrt(size)
    distances = np.abs(drawn.mean(axis=1) - mean)
    far = np.where(distances > 0, np.inf, 0.0)
    ratios = np.divide(distances, errors, out=far, where=errors > 0)
    reach = float(np.quantile(ratios, LEVEL, method="higher")) * error
    if not np.isfinite(reach):
        return None
    beyond = np.count_nonzero(ratios >= abs(mean) / error)
    return Interval(mean - reach, mean + reach, (1 + beyond) / (resamples + 1))


def alike(values: Floats) -> bool:
    """Whether they do not differ by more than the rounding of their sums may have made them."""
    return bool(np.ptp(values) <= ROUNDING * np.abs(values).max())


def holm(values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, so that the probability of one or more false findings
    among them is that of a single test (S. Holm, "A simple sequentially rejective multiple test
    procedure", Scand. J. Statist. 6, 1979)."""
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted, worst = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        worst = max(worst, min(1.0, values[index] * (len(values) - rank)))
        adjusted[index] = worst
    return adjusted


def adjacent(values: Floats) -> float:
    """Correlation of neighbouring values (lag 1); 0 if they are all the same."""
    centred = values - values.mean()
    whole = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / whole if whole > 0 else 0.0
