"""Policies that draw: how often, with what odds, and the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import placed, pool, problem, task, tasks

from trx_algorithms.chance import Drawing, PowerOfChoices, RandomChoice, _sample
from trx_algorithms.loads import Levels
from trx_algorithms.seats import Seats
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.routing import PoolView, RoutingProblem
from trx_core.testing import ROUNDS as ROUNDS_OF_ALL_KINDS
from trx_core.testing import RoundShape, make_round

ROUNDS = 4000
LARGE = RoundShape("a crowd that fills every pool", 900, 30, capacity=25, plain=True)


def frequencies(algorithm: Drawing, pools: list[PoolView]) -> tuple[list[float], list[float]]:
    """How often each pool gets a lone task, and with what odds, round after round."""
    drawn: Counter[int] = Counter()
    odds = [0.0] * len(pools)
    one = task()
    for number in range(ROUNDS):
        decision = algorithm.route(problem([one], pools, number=number + 1))
        (index,) = np.asarray(decision.pool).tolist()
        drawn[index] += 1
        (odds[index],) = np.asarray(decision.propensity).tolist()
    return [drawn[index] / ROUNDS for index in range(len(pools))], odds


@pytest.mark.parametrize(("by", "shares"), [("pool", [1 / 3] * 3), ("slot", [0.1, 0.3, 0.6])])
def test_a_random_choice_is_as_likely_as_it_says(by: str, shares: list[float]) -> None:
    found, odds = frequencies(RandomChoice(by=by), [pool("a", 1), pool("b", 3), pool("c", 6)])
    assert odds == pytest.approx(shares)
    assert found == pytest.approx(shares, abs=0.03)


@given(loads=st.lists(st.integers(0, 9), min_size=1, max_size=7), d=st.integers(1, 8))
def test_the_odds_of_a_sample_are_those_of_counting_all_samples(loads: list[int], d: int) -> None:
    pools = [pool(f"p{n}", 10 - load, capacity=10) for n, load in enumerate(loads)]
    samples = list(combinations(range(len(loads)), min(d, len(loads))))
    wins = Counter(min(sample, key=lambda n: (loads[n], n)) for sample in samples)
    decision = PowerOfChoices(d=d).route(problem([task()], pools))
    (index,) = np.asarray(decision.pool).tolist()
    assert np.asarray(decision.propensity).tolist() == pytest.approx([wins[index] / len(samples)])


def test_the_less_loaded_of_two_is_chosen_as_often_as_it_says() -> None:
    pools = [pool(f"p{n}", 8 - n, capacity=8) for n in range(4)]
    found, odds = frequencies(PowerOfChoices(), pools)
    assert odds[:3] == pytest.approx([1 / 2, 1 / 3, 1 / 6])
    assert found == pytest.approx([1 / 2, 1 / 3, 1 / 6, 0], abs=0.03)


def test_as_many_choices_as_pools_join_the_shortest_queue() -> None:
    pools = [pool("a", 2, capacity=9), pool("b", 5, capacity=9)]
    assert placed(PowerOfChoices(d=9), problem(tasks(4), pools)) == [1, 1, 1, 0]


@pytest.mark.parametrize("make", [RandomChoice, PowerOfChoices])
def test_luck_hangs_on_seed_round_and_task_alone(make: type[Drawing]) -> None:
    pools = [pool(f"p{n}", 40) for n in range(8)]
    waiting = tasks(30)
    usual = placed(make(), problem(waiting, pools, number=3))
    seen_others = make()
    placed(seen_others, problem(tasks(9), pools, number=2))
    assert placed(seen_others, problem(waiting, pools, number=3)) == usual
    assert placed(make(), problem(waiting, pools, number=4)) != usual
    assert placed(make(seed=1), problem(waiting, pools, number=3)) != usual


def test_a_task_of_many_slots_is_drawn_among_the_pools_that_have_them() -> None:
    pools = [pool("small", 1), pool("a", 4), pool("b", 4)]
    decision = RandomChoice().route(problem([task(slots=3)], pools))
    assert np.asarray(decision.propensity).tolist() == [0.5]


def test_what_is_held_was_held_for_certain() -> None:
    decision = RandomChoice().route(problem(tasks(3), [pool("a", 1)]))
    assert np.asarray(decision.propensity).tolist() == [1.0, 1.0, 1.0]


class OneByOne(PowerOfChoices):
    """Its luck is drawn task by task, and its odds are counted among all pools."""

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        super().begin(problem, seats)
        luck, number, tasks = KeyedRandom(), problem.number, problem.tasks
        self._levels = Levels(problem, "share")

        def drawn(row: int) -> list[float]:
            own = luck.at(number, tasks[row].id.int, Purpose.POLICY)
            return [own.random() for _ in range(self.d)]

        self._dealt = drawn

    def draw(self, luck: Sequence[float], row: int, pools: Sequence[int]) -> tuple[int, float]:
        levels = [self._levels.of[pool] for pool in pools]
        count = min(self.d, len(pools))
        best = min(_sample(luck, len(pools), count), key=lambda index: (levels[index], index))
        worse = sum((level, n) > (levels[best], best) for n, level in enumerate(levels))
        self._levels.rise(row, pools[best])
        return pools[best], comb(worse, count - 1) / comb(len(pools), count)


@pytest.mark.parametrize("shape", [*ROUNDS_OF_ALL_KINDS, LARGE], ids=lambda shape: shape.name)
@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_luck_drawn_at_once_is_the_same_luck(shape: RoundShape, d: int) -> None:
    usual, plain = (make(d).route(make_round(shape)) for make in (PowerOfChoices, OneByOne))
    assert (usual.pool, usual.order) == (plain.pool, plain.order)
    assert usual.propensity == plain.propensity
