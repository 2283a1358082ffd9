"""The weather of one pool, and the obstacles that its attempts meet."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from trx_core.models import WorkerPool
from trx_workers.simulators.distributions import lognormal_stretch
from trx_workers.weather.parameters import ColdStart, Conditions, Network, Outage
from trx_workers.weather.spells import Spells
from trx_workers.weather.stream import Stream, Weather
from trx_workers.weather.wander import Wander

__all__ = ["Climate"]

Delay = Callable[[float, float], float]


class _Failures(NamedTuple):
    spells: Spells
    share: float
    notice: float


class Climate:
    """Everything that the instant decides about an attempt.

    Args:
        conditions: of the pool.
        pool: where it is.
        seed: of the run.
    """

    def __init__(self, conditions: Conditions, pool: WorkerPool, seed: int) -> None:
        def stream(weather: Weather, group: str | None, index: int = 0) -> Stream:
            return Stream.of(seed, weather, pool, group, index)

        given = conditions
        self._outages = [
            _failures(one, stream(Weather.OUTAGE, one.group, index))
            for index, one in enumerate(given.outages)
        ]
        self._brownouts = [
            (Spells(stream(Weather.BROWNOUT, b.group, index), b.every, b.lasts), b.slowdown)
            for index, b in enumerate(given.brownouts)
        ]
        drift = given.drift
        self._drift = drift and Wander(stream(Weather.DRIFT, drift.group), drift.every, drift.cv)
        self._reclaimed = given.preemption.after if given.preemption else math.inf
        self._cold = _cold_start(given.cold_start)
        self._round_trips = _round_trips(given.network, pool.region)
        self._network = lognormal_stretch(given.network.cv if given.network else 0.0)
        self._usual_trip = given.network.otherwise if given.network else 0.0

    def outage(self, now: float, luck: float) -> float | None:
        """Seconds after which an attempt that starts now fails because of an outage, if it does."""
        for failures in self._outages:
            if luck < failures.share and failures.spells.at(now) is not None:
                return failures.notice
        return None

    def slowdown(self, now: float) -> float:
        """How many times as long an attempt takes that starts now."""
        factor = self._drift.smooth(now) if self._drift else 1.0
        for spells, slowdown in self._brownouts:
            if spells.at(now) is not None:
                factor *= slowdown
        return factor

    def delay(self, region: str | None, cold: float, wait: float, trip: float) -> float:
        """Seconds of cold start and network, by three uniform numbers, for a task's region."""
        mean = self._round_trips.get(region, self._usual_trip)
        network = mean * self._network(trip) if mean else 0.0
        return self._cold(cold, wait) + network

    def cut(
        self, now: float, lasts: float, luck: float, reclaim: float
    ) -> tuple[float, str] | None:
        """After how many seconds an attempt of ``lasts`` seconds is cut short, and by what."""
        first, why = lasts, ""
        if self._reclaimed < math.inf:
            left = -self._reclaimed * math.log1p(-reclaim)
            if left < first:
                first, why = left, "simulated pre-emption"
        for failures in self._outages:
            if luck < failures.share:
                spell = failures.spells.next(now, now + first)
                if spell is not None:
                    first, why = spell.begin - now, "simulated outage"
        return (first, why) if why else None


def _failures(outage: Outage, stream: Stream) -> _Failures:
    return _Failures(Spells(stream, outage.every, outage.lasts), outage.share, outage.notice)


def _cold_start(given: ColdStart | None) -> Delay:
    if given is None:
        return lambda cold, wait: 0.0
    probability, mean, stretch = given.probability, given.mean, lognormal_stretch(given.cv)
    return lambda cold, wait: mean * stretch(wait) if cold < probability else 0.0


def _round_trips(given: Network | None, here: str) -> Mapping[str | None, float]:
    """A task's region → mean seconds to the pool and back."""
    if given is None:
        return {None: 0.0}
    back = {there: row[here] for there, row in given.seconds.items() if here in row}
    trips: dict[str | None, float] = dict(back.items())
    trips.update(given.seconds.get(here, {}))
    return trips | {here: given.within, None: given.within}
