"""The life of a circuit breaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trx_core.policy import BreakerPolicy, CircuitBreaker
from trx_core.routing import Breaker


def breaker(failures: int = 3, cooldown: float = 10.0) -> CircuitBreaker:
    return CircuitBreaker(BreakerPolicy(failures=failures, cooldown=cooldown))


def opened(at: float = 5.0) -> CircuitBreaker:
    one = breaker(failures=1)
    assert one.observe(False, at)
    return one


def half_open() -> CircuitBreaker:
    one = opened(5.0)
    assert one.cool(15.0)
    return one


def test_it_opens_at_the_last_of_so_many_failures_in_a_row() -> None:
    one = breaker(failures=3)
    told = [one.observe(success, 1.0) for success in (False, False, True, False, False)]
    assert told == [False] * 5
    assert (one.state, one.reopens_at) == (Breaker.CLOSED, None)
    assert one.observe(False, 7.0)
    assert (one.state, one.reopens_at) == (Breaker.OPEN, 17.0)


def test_it_half_opens_when_its_time_has_come_and_says_so_once() -> None:
    one = opened(5.0)
    assert not one.cool(14.999)
    assert one.state is Breaker.OPEN
    assert one.cool(15.0)
    assert (one.state, one.reopens_at) == (Breaker.HALF_OPEN, None)
    assert not one.cool(16.0)


def test_a_closed_breaker_does_not_cool() -> None:
    one = breaker()
    assert not one.cool(100.0)
    assert one.state is Breaker.CLOSED


def test_half_open_one_success_closes_it_and_failures_are_counted_anew() -> None:
    one = breaker(failures=2)
    for _ in range(2):
        one.observe(False, 5.0)
    one.cool(15.0)
    assert one.observe(True, 16.0)
    assert one.state is Breaker.CLOSED
    assert not one.observe(False, 17.0)
    assert one.observe(False, 18.0)


def test_half_open_one_failure_opens_it_for_the_whole_cooldown_again() -> None:
    one = half_open()
    assert one.observe(False, 16.0)
    assert (one.state, one.reopens_at) == (Breaker.OPEN, 26.0)


def test_a_late_success_of_an_attempt_that_was_running_closes_an_open_one() -> None:
    one = opened(5.0)
    assert one.observe(True, 6.0)
    assert (one.state, one.reopens_at) == (Breaker.CLOSED, None)


def test_a_late_failure_keeps_it_open_from_then_and_is_no_change() -> None:
    one = opened(5.0)
    assert not one.observe(False, 6.0)
    assert one.reopens_at == 16.0


def test_no_cooldown_lets_an_attempt_through_at_once() -> None:
    one = breaker(failures=1, cooldown=0.0)
    one.observe(False, 5.0)
    assert one.cool(5.0)


@given(st.lists(st.tuples(st.sampled_from(["good", "bad", "cool"]), st.floats(0, 9))))
def test_a_change_is_told_exactly_when_the_state_changes(steps: list[tuple[str, float]]) -> None:
    one, now = breaker(failures=2, cooldown=4.0), 0.0
    for what, wait in steps:
        now += wait
        before = one.state
        told = one.cool(now) if what == "cool" else one.observe(what == "good", now)
        assert told == (one.state is not before)
        assert (one.reopens_at is None) == (one.state is not Breaker.OPEN)


@pytest.mark.parametrize(("field", "value"), [("failures", 0), ("cooldown", -1)])
def test_what_is_out_of_range_is_refused_by_name(field: str, value: int) -> None:
    with pytest.raises(ValidationError, match=field):
        BreakerPolicy(**{field: value})
