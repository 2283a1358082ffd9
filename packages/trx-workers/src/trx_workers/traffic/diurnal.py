"""Traffic that rises and falls with the day."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import ClassVar

from trx_workers.parameters import Parameters, param
from trx_workers.traffic.processes import thinned
from trx_workers.traffic.scenario import GeneratedTraffic, RatedParameters

__all__ = ["Diurnal", "DiurnalParameters"]


class DiurnalParameters(RatedParameters):
    """Parameters of traffic with a daily rhythm."""

    rate: float = param(90.0, "arrivals, on average over a day", unit="1/s", gt=0, le=1e6)
    swing: float = param(
        0.7, "how far the rate rises above its mean, and falls below, as a share of it", ge=0, le=1
    )
    period: float = param(60.0, "length of a day; a real one has 86400", unit="s", gt=0, le=1e9)
    peak_at: float = param(0.5, "when in the day the rate is highest, as a share of it", ge=0, le=1)


class Diurnal(GeneratedTraffic[DiurnalParameters]):
    """A Poisson process whose rate at ``t`` is ``rate · (1 + swing · cos(2π·(t/period -
    peak_at)))``: its peak is ``rate · (1 + swing)``, its trough ``rate · (1 - swing)``.

    Args:
        params: as in :class:`DiurnalParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = DiurnalParameters

    def rate(self, at: float) -> float:
        """Arrivals a second at an instant."""
        given = self.given
        phase = 2.0 * math.pi * (at / given.period - given.peak_at)
        return given.rate * (1.0 + given.swing * math.cos(phase))

    def instants(self, rng: random.Random) -> Iterator[float]:
        """A Poisson process of that rate."""
        return thinned(self.rate, self.given.rate * (1.0 + self.given.swing), rng)
