"""Identifiers: their layout by RFC 9562, and that they only ever increase."""

from __future__ import annotations

import random
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.ids import IdFactory

FULL = 1 << 12
"""Ids that one millisecond's counter has room for."""


def factory(seed: int = 1) -> IdFactory:
    return IdFactory(random.Random(seed))


def millis(key: UUID) -> int:
    return key.int >> 80


def counter(key: UUID) -> int:
    return (key.int >> 64) & 0xFFF


@given(st.floats(0, 2**47 / 1000))
def test_the_layout_is_that_of_version_7(now: float) -> None:
    key = factory().one(now)
    assert (key.version, key.variant) == (7, RFC_4122)
    assert millis(key) == int(now * 1000)
    assert counter(key) <= 1, "only at the epoch itself is the first place taken"


def test_the_example_of_the_rfc_has_that_time() -> None:
    """RFC 9562, appendix A.6: 2022-02-22T19:22:22Z."""
    assert str(factory().one(1645557742.0)).startswith("017f22e2-79b0-7")


def test_the_low_bits_are_all_random() -> None:
    ids = factory().many(2000, 1.0)
    for bit in range(62):
        share = sum((key.int >> bit) & 1 for key in ids) / len(ids)
        assert 0.44 < share < 0.56, f"bit {bit} is set in {share:.0%}"


@given(
    st.lists(
        st.tuples(st.floats(0, 1e10) | st.sampled_from([1.0, 1.0005, 2.0]), st.integers(0, 9)),
        max_size=40,
    )
)
def test_ids_increase_strictly_whatever_the_clock_does(steps: list[tuple[float, int]]) -> None:
    make, made = factory(), list[UUID]()
    for now, count in steps:
        made += [make.one(now)] if count == 0 else make.many(count, now)
    assert all(earlier < later for earlier, later in pairwise(made))


def test_a_clock_that_steps_back_does_not_take_the_ids_with_it() -> None:
    make = factory()
    ahead, back = make.one(100.0), make.one(50.0)
    assert (millis(back), counter(back)) == (millis(ahead), counter(ahead) + 1)
    assert millis(make.one(200.0)) == 200_000


def test_a_full_counter_borrows_from_the_next_millisecond() -> None:
    make = factory()
    ids = [make.one(1.0) for _ in range(FULL + 1)]
    assert (millis(ids[-2]), counter(ids[-2])) == (1000, FULL - 1)
    assert (millis(ids[-1]), counter(ids[-1])) == (1001, 0)
    assert len(set(ids)) == FULL + 1


def test_many_are_what_one_would_give_one_by_one() -> None:
    one_by_one, at_once = factory(), factory()
    count = FULL + 5
    expected = [one_by_one.one(1.0) for _ in range(count)]
    assert at_once.many(count, 1.0) == expected
    assert at_once.one(1.0) == one_by_one.one(1.0)


def test_none_may_be_asked_for() -> None:
    make = factory()
    before = make.one(1.0)
    assert make.many(0, 2.0) == []
    assert before < make.one(1.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_gives_the_same_ids_again(seed: int) -> None:
    assert factory(seed).many(20, 5.0) == factory(seed).many(20, 5.0)


def test_other_seeds_give_other_ids() -> None:
    assert not set(factory(1).many(500, 5.0)) & set(factory(2).many(500, 5.0))
