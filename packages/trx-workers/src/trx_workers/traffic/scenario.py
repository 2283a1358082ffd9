"""What every scenario of this package has in common: when tasks arrive, times what they are like.

Both draw from streams of their own: the n-th task of a seed is the same in whatever pattern it
arrives, as long as the mix is the same.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any, ClassVar, Final, Generic, TypeVar

from trx_core.protocols import Arrival
from trx_core.randomness import KeyedRandom
from trx_workers.parameters import Parameters, param
from trx_workers.traffic.mix import Mix, MixParameters
from trx_workers.traffic.processes import poisson

__all__ = [
    "MINUTE",
    "GeneratedTraffic",
    "PoissonTraffic",
    "RatedParameters",
    "TrafficParameters",
]

MINUTE: Final = 60.0
"""Seconds that a scenario lasts unless it is told otherwise."""

_STREAM_BITS: Final = 64


class TrafficParameters(MixParameters):
    """How much traffic, and of what."""

    count: int | None = param(None, "tasks in all; null: as many as come in time", ge=0)
    duration: float | None = param(
        None,
        "how long the traffic lasts; null: 60 s, or until there are `count` tasks",
        unit="s",
        ge=0,
    )


class RatedParameters(TrafficParameters):
    """Traffic of one rate."""

    rate: float = param(110.0, "arrivals, on average", unit="1/s", gt=0, le=1e6)


P = TypeVar("P", bound=TrafficParameters)


class GeneratedTraffic(ABC, Generic[P]):
    """Base of the scenarios.

    A subclass names its parameters and says when tasks arrive, without end; it may also say what
    the task of an instant is.

    Args:
        params: as in ``parameters``, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]]
    """What it takes, with defaults, units and bounds."""

    def __init__(self, **params: Any) -> None:
        self.given: P = self.parameters.parse(params)  # type: ignore[assignment]
        self.mix = Mix(self.given)

    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        """The traffic, in order of time; of all of it only the next task is ever in memory."""
        times = KeyedRandom(rng.getrandbits(_STREAM_BITS))
        tasks = KeyedRandom(rng.getrandbits(_STREAM_BITS))
        duration = self._duration()
        timely = takewhile(lambda arrival: arrival.at <= duration, self.generate(times, tasks))
        return islice(timely, self.given.count)

    def generate(self, times: random.Random, tasks: random.Random) -> Iterator[Arrival]:
        """The traffic without end; by default each instant brings a task of the mix."""
        return (Arrival(at, self.mix.draw(tasks)) for at in self.instants(times))

    @abstractmethod
    def instants(self, rng: random.Random) -> Iterator[float]:
        """When tasks arrive, without end, in order."""

    def _duration(self) -> float:
        given = self.given
        if given.duration is not None:
            return given.duration
        return float("inf") if given.count is not None else MINUTE


R = TypeVar("R", bound=RatedParameters)


class PoissonTraffic(GeneratedTraffic[R]):
    """Base of the scenarios whose tasks arrive at one rate, each independent of the others."""

    def instants(self, rng: random.Random) -> Iterator[float]:
        """A Poisson process."""
        return poisson(self.given.rate, rng)
