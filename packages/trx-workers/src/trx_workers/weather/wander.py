"""Factors that wander about 1: drift of speed, and prices of a market."""

from __future__ import annotations

import math

from trx_workers.simulators.distributions import lognormal_stretch
from trx_workers.weather.stream import Stream

__all__ = ["Wander"]


class Wander:
    """A log-normal factor of mean 1 for each knot in time, independent of one another.

    Args:
        stream: of the numbers.
        every: seconds between knots, which lie at multiples of it.
        cv: coefficient of variation of a knot's factor.
    """

    def __init__(self, stream: Stream, every: float, cv: float) -> None:
        self._stream = stream
        self._every = every
        self._stretch = lognormal_stretch(cv)
        self._near: tuple[int, float, float] | None = None

    def step(self, instant: float) -> tuple[float, float]:
        """The factor of the knot before the instant, and the instant of the knot after it."""
        knot = math.floor(instant / self._every)
        following = (knot + 1) * self._every
        if following <= instant:
            knot, following = knot + 1, (knot + 2) * self._every
        return self._factor(knot), following

    def smooth(self, instant: float) -> float:
        """The factor at the instant, on a straight line of logarithms between its knots."""
        place = instant / self._every
        knot = math.floor(place)
        if self._near is None or self._near[0] != knot:
            self._near = knot, self._factor(knot), self._factor(knot + 1)
        _, here, there = self._near
        return here * math.exp((place - knot) * math.log(there / here))

    def _factor(self, knot: int) -> float:
        return self._stretch(self._stream.uniform(knot))
