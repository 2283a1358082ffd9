"""Pools whose capacity or price changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from simulating import NOON, pool

from trx_core.models import WorkerPool
from trx_core.protocols import PoolState
from trx_workers.simulators.kinds import Deterministic

HOUR = 3600.0
NIGHT = [0.25] * 12 + [1.0] * 12


def states(
    busy: dict[float, int], until: float, on: WorkerPool | None = None, **params: Any
) -> Iterator[tuple[float, WorkerPool]]:
    """The pool after each change, and when it came; ``busy``: slots from an instant on."""
    worker, now, state = Deterministic(**params), NOON, None
    while now < NOON + until:
        load = [slots for at, slots in busy.items() if NOON + at <= now][-1]
        before, state = state, worker.vary(on or pool(), load, now, state)
        if before is None or state.pool != before.pool:
            yield now - NOON, state.pool
        assert state.until > now
        now = state.until


def capacities(busy: dict[float, int], until: float, **elastic: Any) -> list[tuple[float, int]]:
    return [(at, one.capacity) for at, one in states(busy, until, elastic=elastic)]


def test_a_pool_without_changes_stays_as_it_is() -> None:
    described = pool()
    state = Deterministic(mean=1.0).vary(described, 3, NOON, None)
    assert state == PoolState(described, math.inf)
    assert state.pool is described


def test_an_elastic_pool_grows_after_its_delay_and_shrinks_after_a_longer_one() -> None:
    busy = {0.0: 1, 100.0: 6, 400.0: 2}
    found = capacities(busy, 1000.0, min=2, target=0.8, look=10.0, up_delay=45.0, down_delay=200.0)
    assert found == [(0.0, 2), (145.0, 8), (600.0, 3)]


def test_an_elastic_pool_keeps_to_its_bounds() -> None:
    found = capacities({0.0: 9, 50.0: 10, 200.0: 0}, 500.0, min=3, up_delay=0.0, down_delay=30.0)
    assert [slots for _, slots in found] == [10, 3]


def test_a_short_lull_does_not_shrink_an_elastic_pool() -> None:
    busy = {0.0: 8, 100.0: 1, 150.0: 8, 200.0: 1, 250.0: 8}
    found = capacities(busy, 400.0, min=1, look=10.0, up_delay=0.0, down_delay=60.0)
    assert found == [(0.0, 10)]


def test_what_was_wanted_most_meanwhile_is_kept() -> None:
    busy = {0.0: 8, 100.0: 1, 150.0: 4, 160.0: 1}
    found = capacities(busy, 200.0, min=1, look=10.0, up_delay=0.0, down_delay=80.0)
    assert found == [(0.0, 10), (180.0, 5)]


def test_capacity_goes_by_the_hour() -> None:
    found = [(at, one.capacity) for at, one in states({0.0: 0}, 30 * HOUR, capacity_by_hour=NIGHT)]
    assert found == [(0.0, 10), (12 * HOUR, 3), (24 * HOUR, 10)]


def test_an_elastic_pool_has_at_most_what_the_hour_allows() -> None:
    elastic = {"min": 4, "up_delay": 0.0, "look": 60.0}
    found = [
        (at, one.capacity)
        for at, one in states({0.0: 9}, 13 * HOUR, capacity_by_hour=NIGHT, elastic=elastic)
    ]
    assert found == [(0.0, 10), (12 * HOUR, 3)]


def test_prices_go_by_the_hour_of_the_day() -> None:
    by_hour = [1.0] * 13 + [2.0] * 11
    found = [
        (at, one.cost_per_unit)
        for at, one in states({0.0: 0}, 14 * HOUR, prices={"by_hour": by_hour})
    ]
    assert found == [(0.0, 0.5), (HOUR, 1.0), (12 * HOUR, 0.5)]


def test_a_market_sets_a_price_for_a_while() -> None:
    market = {"every": 300.0, "cv": 0.5, "group": "spot"}
    mine, theirs = (
        [
            (at, one.cost_per_unit)
            for at, one in states({0.0: 0}, HOUR, on, prices={"market": market})
        ]
        for on in (pool("a"), pool("b"))
    )
    assert mine == theirs
    assert [at for at, _ in mine] == [n * 300.0 for n in range(12)]
    long = [one.cost_per_unit for _, one in states({0.0: 0}, 200 * HOUR, prices={"market": market})]
    assert sum(long) / len(long) == pytest.approx(0.5, rel=0.05)


def test_each_pool_has_a_market_of_its_own_without_a_group() -> None:
    market = {"market": {"every": 300.0, "cv": 0.5}}
    one, two = (
        [varied.cost_per_unit for _, varied in states({0.0: 0}, HOUR, on, prices=market)]
        for on in (pool("a"), pool("b"))
    )
    assert not set(one) & set(two)
