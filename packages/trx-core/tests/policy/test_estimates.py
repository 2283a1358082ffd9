"""What is expected of a pool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.models import ErrorKind, Outcome
from trx_core.policy import Estimates

GOOD, BAD = Outcome(11.0, True, 0.0), Outcome(11.0, False, 0.0, ErrorKind.TRANSIENT)


def test_a_type_that_was_not_seen_does_as_the_catalogue_says() -> None:
    known = Estimates(1.0, 0.5)
    known.observe("other", GOOD)
    assert (known.latency("job"), known.success("job")) == (1.0, 0.5)


def test_each_outcome_moves_them_a_tenth_of_the_way() -> None:
    known = Estimates(1.0, 0.5)
    known.observe("job", GOOD)
    assert known.latency("job") == 2.0
    assert known.success("job") == pytest.approx(0.55)
    known.observe("job", BAD)
    assert known.latency("job") == pytest.approx(2.9)
    assert known.success("job") == pytest.approx(0.495)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=50))
def test_they_are_weighted_means_of_what_was_seen(seen: list[tuple[float, bool]]) -> None:
    known = Estimates(5.0, 0.9)
    latency, success = 5.0, 0.9
    for seconds, good in seen:
        known.observe("job", Outcome(seconds, good, 0.0))
        latency, success = 0.9 * latency + 0.1 * seconds, 0.9 * success + 0.1 * good
    assert known.latency("job") == pytest.approx(latency)
    assert known.success("job") == pytest.approx(success)
    assert 0 <= known.success("job") <= 1


def test_beyond_so_many_types_further_ones_share_the_catalogues_figures() -> None:
    known = Estimates(1.0, 1.0)
    for number in range(1025):
        known.observe(f"t{number}", GOOD)
    assert known.latency("t1023") == 2.0
    assert known.latency("t1024") == 1.0
    known.observe("t0", GOOD)
    assert known.latency("t0") == pytest.approx(2.9), "those that are kept go on learning"
