"""Traffic that comes in bursts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import ClassVar

from trx_workers.parameters import Parameters, param
from trx_workers.traffic.processes import modulated
from trx_workers.traffic.scenario import GeneratedTraffic, TrafficParameters

__all__ = ["Bursts", "BurstsParameters"]


class BurstsParameters(TrafficParameters):
    """Parameters of traffic in bursts."""

    quiet_rate: float = param(70.0, "arrivals between bursts", unit="1/s", ge=0, le=1e6)
    burst_rate: float = param(450.0, "arrivals in a burst", unit="1/s", gt=0, le=1e6)
    quiet_seconds: float = param(9.0, "mean time between bursts", unit="s", gt=0, le=1e9)
    burst_seconds: float = param(1.0, "mean length of a burst", unit="s", gt=0, le=1e9)


class Bursts(GeneratedTraffic[BurstsParameters]):
    """A Markov-modulated Poisson process of two states, quiet and burst, from quiet on.

    With rates ``a`` and ``b``, and states that last ``s`` and ``t`` seconds on average: ``(a·s +
    b·t) / (s + t)`` arrivals a second, and in long windows a variance over mean (index of
    dispersion) of ``1 + 2·(b - a)²·s²·t² / ((s + t)²·(a·s + b·t))`` (H. Heffes and D. Lucantoni,
    IEEE JSAC 4(6), 1986); of a Poisson process it is 1.

    Args:
        params: as in :class:`BurstsParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = BurstsParameters

    def instants(self, rng: random.Random) -> Iterator[float]:
        """A Markov-modulated Poisson process."""
        given = self.given
        rates = (given.quiet_rate, given.burst_rate)
        return modulated(rates, (given.quiet_seconds, given.burst_seconds), rng)
