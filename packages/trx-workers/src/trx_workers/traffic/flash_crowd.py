"""Traffic that is hit by a crowd."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import ClassVar

from trx_workers.parameters import Parameters, param
from trx_workers.traffic.processes import thinned
from trx_workers.traffic.scenario import GeneratedTraffic, RatedParameters

__all__ = ["FlashCrowd", "FlashCrowdParameters"]


class FlashCrowdParameters(RatedParameters):
    """Parameters of a flash crowd."""

    rate: float = param(60.0, "arrivals before the crowd and long after it", unit="1/s", gt=0)
    surge: float = param(8.0, "how many times as many arrive at its height", ge=1, le=1e4)
    at: float = param(15.0, "when the crowd begins to come", unit="s", ge=0, le=1e9)
    rise: float = param(3.0, "how long it grows, evenly, to its height", unit="s", ge=0, le=1e9)
    decay: float = param(6.0, "in how long after that it has lost 63 %", unit="s", gt=0, le=1e9)


class FlashCrowd(GeneratedTraffic[FlashCrowdParameters]):
    """A Poisson process whose rate is ``rate``, from ``at`` grows evenly for ``rise`` seconds to
    ``surge · rate``, and from then on what is above ``rate`` decays exponentially.

    The crowd adds ``rate · (surge - 1) · (rise/2 + decay)`` tasks, if the traffic lasts.

    Args:
        params: as in :class:`FlashCrowdParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = FlashCrowdParameters

    def rate(self, at: float) -> float:
        """Arrivals a second at an instant."""
        given = self.given
        since = at - given.at
        if since < 0:
            share = 0.0
        elif since < given.rise:
            share = since / given.rise
        else:
            share = math.exp((given.rise - since) / given.decay)
        return given.rate * (1.0 + (given.surge - 1.0) * share)

    def instants(self, rng: random.Random) -> Iterator[float]:
        """A Poisson process of that rate."""
        return thinned(self.rate, self.given.rate * self.given.surge, rng)
