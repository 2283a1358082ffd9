"""What is expected of a pool."""

from __future__ import annotations

import random
from heapq import heappop, heappush
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.models import ErrorKind, Outcome
from trx_core.policy import Estimates

GOOD, BAD = Outcome(11.0, True, 0.0), Outcome(11.0, False, 0.0, ErrorKind.TRANSIENT)


def test_a_type_that_was_not_seen_does_as_the_catalogue_says() -> None:
    known = Estimates(1.0, 0.5)
    known.observe("other", GOOD, 0.0)
    assert (known.latency("job"), known.success("job")) == (1.0, 0.5)


def test_each_outcome_moves_them_a_tenth_of_the_way() -> None:
    known = Estimates(1.0, 0.5)
    known.observe("job", GOOD, 0.0)
    assert known.latency("job") == 2.0
    assert known.success("job") == pytest.approx(0.55)
    known.observe("job", BAD, 0.0)
    assert known.latency("job") == pytest.approx(2.9)
    assert known.success("job") == pytest.approx(0.495)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=50))
def test_they_are_weighted_means_of_what_was_seen(seen: list[tuple[float, bool]]) -> None:
    known = Estimates(5.0, 0.9)
    latency, success = 5.0, 0.9
    for seconds, good in seen:
        known.observe("job", Outcome(seconds, good, 0.0), 0.0)
        latency, success = 0.9 * latency + 0.1 * seconds, 0.9 * success + 0.1 * good
    assert known.latency("job") == pytest.approx(latency)
    assert known.success("job") == pytest.approx(success)
    assert 0 <= known.success("job") <= 1


def test_beyond_so_many_types_further_ones_share_the_catalogues_figures() -> None:
    known = Estimates(1.0, 1.0)
    for number in range(1025):
        known.observe(f"t{number}", GOOD, 0.0)
    assert known.latency("t1023") == 2.0
    assert known.latency("t1024") == 1.0
    known.observe("t0", GOOD, 0.0)
    assert known.latency("t0") == pytest.approx(2.9), "those that are kept go on learning"


def test_where_nothing_ends_what_runs_tells_how_long_it_takes() -> None:
    known = Estimates(1.0, 0.9)
    for at in (0.0, 20.0):
        known.begin("job", at)
    known.look(10.5)
    assert known.latency("job") == 1.0, "half a second old on average, as far as is known"
    known.look(3610.0)
    assert known.latency("job") == pytest.approx(1.0 + 2 / 12 * 3599.0)
    assert known.success("job") == 0.9
    assert known.latency("other") == 1.0


def test_what_ends_counts_as_what_it_took_and_not_as_old_besides() -> None:
    known = Estimates(1.0, 1.0)
    for at in (0.0, 0.0):
        known.begin("job", at)
    known.look(100.0)
    known.leave("job", 0.0)
    known.observe("job", GOOD, 100.0)
    assert known.latency("job") == pytest.approx(2.0 + 1 / 11 * 98.0)
    known.leave("job", 0.0)
    known.observe("job", GOOD, 100.0)
    assert known.latency("job") == pytest.approx(2.9)


def test_what_is_lost_is_forgotten() -> None:
    known = Estimates(1.0, 1.0)
    known.begin("job", 0.0)
    known.look(100.0)
    known.leave("job", 0.0)
    known.look(101.0)
    assert known.latency("job") == 1.0
    known.leave("job", 0.0)
    known.begin("job", 102.0)
    known.look(103.5)
    assert known.latency("job") == pytest.approx(1.0 + 0.5 / 11)


def test_young_attempts_say_nothing_and_old_ones_until_they_are_many_little() -> None:
    rng = random.Random(5)
    off = []
    for busy in (1, 4, 40):
        known, running, now, told = Estimates(2.0, 1.0), list[tuple[float, float]](), 0.0, []
        for _ in range(4000):
            while len(running) < busy:
                known.begin("job", now)
                heappush(running, (now + rng.expovariate(0.5), now))
            now, began = heappop(running)
            known.leave("job", began)
            known.observe("job", Outcome(now - began, True, 0.0), now)
            known.look(now)
            told.append(known.latency("job"))
        off.append(fmean(told) / 2.0 - 1.0)
    assert all(-0.05 < one < 0.2 for one in off), off


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 9), st.floats(0, 9)), max_size=40),
)
def test_when_nothing_runs_any_more_only_what_ended_counts(
    seen: list[tuple[str, float, float]],
) -> None:
    known, plain = Estimates(3.0, 1.0), Estimates(3.0, 1.0)
    for kind, _, _ in seen:
        known.begin(kind, 0.0)
    for kind, seconds, now in seen:
        known.look(now)
        known.leave(kind, 0.0)
        known.observe(kind, Outcome(seconds, True, 0.0), now)
        plain.observe(kind, Outcome(seconds, True, 0.0), now)
    known.look(99.0)
    for kind in "ab":
        assert known.latency(kind) == plain.latency(kind)
