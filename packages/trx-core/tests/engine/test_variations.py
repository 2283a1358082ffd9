"""Pools that change over time, as an engine follows them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest

from trx_core.engine import Simulators, Variations
from trx_core.errors import PluginError
from trx_core.models import Outcome, Task, WorkerPool, WorkerSpec
from trx_core.protocols import PoolState
from trx_core.testing import sample_pools

PLAIN, VARIED, _ = sample_pools()
NOBODY: Mapping[UUID, int] = {}


class Plain:
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return Outcome(1.0, True, 0.0)


class Halves(Plain):
    """Has half of its slots less those that are busy, and looks again every ten seconds."""

    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        times = before.memory + 1 if before else 0
        changed = pool.model_copy(update={"capacity": max(0, pool.capacity // 2 - busy)})
        return PoolState(changed, now + 10.0, times)


class Seeds(Plain):
    def __init__(self) -> None:
        self.seed = 0

    def seeded(self, seed: int) -> None:
        self.seed = seed


def variations(make: Callable[[], Any] = Halves) -> Variations:
    return Variations(lambda pool: make() if pool == VARIED else Plain())


def test_a_simulator_gets_the_seed_of_the_run() -> None:
    made = Seeds()
    Simulators(lambda pool: made, 41).prepare([PLAIN])
    assert made.seed == 41


def test_only_what_varies_is_asked_and_only_when_it_is_due() -> None:
    watched = variations()
    assert watched.due == math.inf
    pools = watched.adopt([PLAIN, VARIED], NOBODY, 100.0)
    assert [pool.capacity for pool in pools] == [PLAIN.capacity, VARIED.capacity // 2]
    assert (pools[0], watched.due) == (PLAIN, 110.0)
    assert watched.advance({VARIED.id: 1}, 105.0) is None
    later = watched.advance({VARIED.id: 1}, 110.0)
    assert later is not None
    assert [pool.capacity for pool in later] == [PLAIN.capacity, VARIED.capacity // 2 - 1]
    assert watched.advance({VARIED.id: 1}, 120.0) is None
    assert watched.due == 130.0


def test_a_described_pool_that_changes_goes_on_from_its_state() -> None:
    asked: list[Any] = []

    class Remembers(Halves):
        def vary(
            self, pool: WorkerPool, busy: int, now: float, before: PoolState | None
        ) -> PoolState:
            asked.append(before and before.memory)
            return super().vary(pool, busy, now, before)

    watched = Variations(lambda pool: Remembers())
    watched.adopt([VARIED], NOBODY, 0.0)
    dearer = VARIED.model_copy(update={"cost_per_unit": 99.0})
    (pool,) = watched.adopt([dearer], NOBODY, 1.0)
    assert pool.cost_per_unit == 99.0
    other = dearer.model_copy(update={"worker": WorkerSpec(kind="other")})
    watched.adopt([other], NOBODY, 2.0)
    assert asked == [None, 0, None]
    assert list(watched.adopt([], NOBODY, 3.0)) == []
    assert watched.due == math.inf


def changing(**fields: Any) -> Callable[[], Any]:
    class Changing(Plain):
        def vary(
            self, pool: WorkerPool, busy: int, now: float, before: PoolState | None
        ) -> PoolState:
            return PoolState(pool.model_copy(update=fields), now + 1.0)

    return Changing


class Late(Plain):
    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        return PoolState(pool, now)


class Raises(Plain):
    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        raise ZeroDivisionError("no such hour")


@pytest.mark.parametrize(
    "make",
    [
        changing(capacity=VARIED.capacity + 1),
        changing(capacity=-1),
        changing(cost_per_unit=math.inf),
        changing(name="other"),
        Late,
        Raises,
    ],
    ids=["too many", "negative", "dear", "another", "late", "raises"],
)
def test_a_state_that_cannot_be_is_blamed_on_the_simulator(make: Callable[[], Any]) -> None:
    with pytest.raises(PluginError, match=r"TRX-P133: the simulator 'none' of pool 'dear'"):
        variations(make).adopt([VARIED], NOBODY, 0.0)
