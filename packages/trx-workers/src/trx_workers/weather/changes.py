"""Pools whose capacity or price changes: by the hour, with the load, and by chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from trx_core.models import MAX_COST, WorkerPool
from trx_core.protocols import PoolState
from trx_workers.weather.elastic import Scaling, scaled
from trx_workers.weather.parameters import Conditions
from trx_workers.weather.stream import Stream, Weather
from trx_workers.weather.wander import Wander

__all__ = ["Changes"]

HOUR: Final = 3600.0


class _Now(NamedTuple):
    """A value that holds until an instant, seconds."""

    value: float
    until: float


class Changes:
    """What :class:`~trx_core.protocols.Varying` asks for, of one pool.

    Args:
        conditions: of the pool.
        pool: whose capacity and price change.
        seed: of the run.
    """

    def __init__(self, conditions: Conditions, pool: WorkerPool, seed: int) -> None:
        self._elastic = conditions.elastic
        self._shares = conditions.capacity_by_hour
        prices = conditions.prices
        self._factors = prices.by_hour if prices else None
        market = prices.market if prices else None
        self._market = market and Wander(
            Stream.of(seed, Weather.MARKET, pool, market.group), market.every, market.cv
        )

    def state(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        """The pool from ``now`` on."""
        capacity, until, memory = self._capacity(pool, busy, now, before)
        price = self._price(pool, now)
        changed = {"capacity": capacity, "cost_per_unit": price.value}
        same = capacity == pool.capacity and price.value == pool.cost_per_unit
        varied = pool if same else pool.model_copy(update=changed)
        return PoolState(varied, min(until, price.until), memory)

    def _capacity(
        self, pool: WorkerPool, busy: int, now: float, before: PoolState | None
    ) -> tuple[int, float, Scaling | None]:
        share = _by_hour(self._shares, now)
        most = int(share.value * pool.capacity + 0.5)
        if self._elastic is None:
            return most, share.until, None
        memory = before.memory if before else None
        known = memory if isinstance(memory, Scaling) else None
        scaling, until = scaled(self._elastic, known, most, busy, now)
        return min(scaling.capacity, most), min(share.until, until), scaling

    def _price(self, pool: WorkerPool, now: float) -> _Now:
        hourly = _by_hour(self._factors, now)
        market = _Now(*self._market.step(now)) if self._market else _Now(1.0, math.inf)
        price = min(MAX_COST, pool.cost_per_unit * hourly.value * market.value)
        return _Now(price, min(hourly.until, market.until))


def _by_hour(values: Sequence[float] | None, now: float) -> _Now:
    if values is None:
        return _Now(1.0, math.inf)
    hour = math.floor(now / HOUR)
    return _Now(values[hour % 24], (hour + 1) * HOUR)
