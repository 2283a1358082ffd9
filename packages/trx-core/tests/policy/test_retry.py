"""Delays between attempts."""

from __future__ import annotations

import random
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trx_core.policy import RetryPolicy
from trx_core.randomness import KeyedRandom

POLICIES = st.builds(
    RetryPolicy,
    base=st.floats(0, 1e6),
    factor=st.floats(1, 1e6),
    cap=st.floats(0, 1e6),
    jitter=st.floats(0, 1),
)


class Extreme(random.Random):
    """The same number over and over."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        return self._value


LEAST, MOST = Extreme(1 - 2**-53), Extreme(0.0)


def test_delays_double_up_to_the_cap() -> None:
    policy = RetryPolicy(base=0.5, factor=2, cap=3.0, jitter=0)
    delays = [policy.delay(attempt, MOST) for attempt in range(1, 6)]
    assert delays == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(("jitter", "least"), [(0.0, 2.0), (0.5, 1.0), (1.0, 0.0)])
def test_jitter_is_the_random_share_of_a_delay(jitter: float, least: float) -> None:
    policy = RetryPolicy(base=2.0, jitter=jitter)
    assert policy.delay(1, MOST) == 2.0
    assert policy.delay(1, LEAST) == pytest.approx(least)
    drawn = [policy.delay(1, KeyedRandom(1).at(n)) for n in range(4000)]
    assert min(drawn) >= least and max(drawn) <= 2.0
    assert sum(drawn) / len(drawn) == pytest.approx((2.0 + least) / 2, rel=0.03)


@pytest.mark.parametrize(("asked", "delay"), [(None, 2.0), (0.5, 2.0), (7.0, 7.0), (1e9, 30.0)])
def test_whoever_failed_is_left_alone_as_long_as_it_asks_up_to_the_cap(
    asked: float | None, delay: float
) -> None:
    assert RetryPolicy(base=2.0, cap=30.0, jitter=0).delay(1, MOST, asked) == delay


@given(POLICIES, st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_every_delay_is_within_its_bounds(policy: RetryPolicy, attempt: int, luck: float) -> None:
    delay = policy.delay(attempt, Extreme(luck))
    try:
        longest = min(policy.cap, policy.base * policy.factor ** (attempt - 1))
    except OverflowError:
        longest = policy.cap if policy.base else 0.0
    assert isfinite(delay)
    assert (1 - policy.jitter) * longest * (1 - 1e-12) <= delay <= longest


@pytest.mark.parametrize(("base", "delay"), [(5e-324, 60.0), (1e300, 60.0), (0.0, 0.0)])
def test_growth_beyond_every_number_is_the_cap(base: float, delay: float) -> None:
    assert RetryPolicy(base=base, factor=1e300, jitter=0).delay(100, MOST) == delay


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_attempts", 0),
        ("max_attempts", 101),
        ("base", -1),
        ("base", float("inf")),
        ("factor", 0.99),
        ("factor", float("inf")),
        ("cap", -1),
        ("cap", float("nan")),
        ("jitter", -0.1),
        ("jitter", 1.1),
        ("tries", 3),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        RetryPolicy(**{field: value})
    assert [error["loc"][0] for error in refused.value.errors()] == [field]
