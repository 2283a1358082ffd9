"""Pools in turn, from round to round."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import names_of, pool, problem, task, tasks

from trx_algorithms.round_robin import RoundRobin, WeightedRoundRobin

ABC = [pool("a", 99), pool("b", 99), pool("c", 99)]


def turns(algorithm: RoundRobin | WeightedRoundRobin, count: int, per_round: int) -> str:
    """Who gets each of ``count`` tasks, ``per_round`` of them a round."""
    return "".join(
        "".join(names_of(algorithm, problem(tasks(per_round), ABC, number=number)))
        for number in range(1, count // per_round + 1)
    )


@pytest.mark.parametrize("per_round", [1, 2, 6])
def test_pools_take_turns_whatever_the_size_of_rounds(per_round: int) -> None:
    assert turns(RoundRobin(), 6, per_round) == "abcabc"


def test_a_full_or_unfit_pool_is_skipped() -> None:
    pools = [pool("a", 1), pool("b", 9, resource_type="gpu"), pool("c", 9)]
    waiting = [task(resource_type="cpu") for _ in range(4)]
    assert "".join(names_of(RoundRobin(), problem(waiting, pools))) == "accc"


def test_a_pool_that_leaves_passes_its_turn_on_and_one_that_comes_takes_its_own() -> None:
    robin = RoundRobin()
    assert names_of(robin, problem(tasks(2), ABC)) == ["a", "b"]
    assert names_of(robin, problem(tasks(1), [ABC[0], ABC[2]])) == ["c"]
    assert names_of(robin, problem(tasks(3), [*ABC, pool("d", 9)])) == ["d", "a", "b"]


@pytest.mark.parametrize("per_round", [1, 7])
def test_weights_are_mixed_as_nginx_mixes_them(per_round: int) -> None:
    robin = WeightedRoundRobin(weights={"a": 5, "b": 1, "c": 1})
    assert turns(robin, 14, per_round) == "aabacaa" * 2


def test_by_default_pools_weigh_their_slots() -> None:
    pools = [pool("large", 30), pool("small", 10)]
    served = Counter(names_of(WeightedRoundRobin(), problem(tasks(20), pools)))
    assert served == {"large": 15, "small": 5}


@given(weights=st.tuples(*[st.integers(1, 9)] * 3), per_round=st.integers(1, 5))
def test_after_every_cycle_each_has_had_its_weight(
    weights: tuple[int, ...], per_round: int
) -> None:
    given = dict(zip("abc", weights, strict=True))
    served = turns(WeightedRoundRobin(weights=given), sum(weights) * per_round, per_round)
    assert Counter(served) == {name: per_round * weight for name, weight in given.items()}
