"""What happens to attempts besides service."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulating import NOON, attempts, pool, task

from trx_core.models import ErrorKind
from trx_core.randomness import KeyedRandom
from trx_workers.simulators.kinds import Deterministic, Exponential

MANY = 20_000


def worker(**params: Any) -> Deterministic:
    return Deterministic(**{"mean": 1.0, "success_rate": 1.0, **params})


def test_an_attempt_is_given_up_at_its_limit_and_charged_in_part() -> None:
    outcomes = attempts(Exponential(mean=1.0, success_rate=1.0, timeout=2.0), MANY)
    late = [one for one in outcomes if one.error is ErrorKind.TIMEOUT]
    assert len(late) / MANY == pytest.approx(math.exp(-2.0), abs=0.01)
    assert {one.latency for one in late} == {2.0}
    assert max(one.latency for one in outcomes if one.success) <= 2.0
    assert all(0 < one.cost < 0.5 for one in late)


def test_cold_starts_delay_their_share_of_attempts() -> None:
    cold = worker(cold_start={"probability": 0.25, "mean": 4.0, "cv": 0.5})
    waits = [one.latency - 1.0 for one in attempts(cold, MANY)]
    assert sum(wait > 0 for wait in waits) / MANY == pytest.approx(0.25, abs=0.01)
    assert statistics.mean(waits) == pytest.approx(0.25 * 4.0, rel=0.03)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east", 0.08),
        ("ap-south", 0.2),
        ("mars", 9.0),
        ("eu-west", 0.001),
        (None, 0.001),
    ],
)
def test_round_trips_go_by_the_pair_of_regions(region: str | None, expected: float) -> None:
    network = {
        "seconds": {"eu-west": {"us-east": 0.08}, "ap-south": {"eu-west": 0.2, "us-east": 5}},
        "otherwise": 9.0,
        "within": 0.001,
    }
    (outcome,) = attempts(worker(network=network), 1, of=task(region=region))
    assert outcome.latency == pytest.approx(1.0 + expected)


def test_round_trips_vary_about_their_mean() -> None:
    network = {"otherwise": 0.5, "cv": 1.0}
    trips = [
        one.latency - 1.0 for one in attempts(worker(network=network), MANY, of=task(region="far"))
    ]
    assert statistics.mean(trips) == pytest.approx(0.5, rel=0.03)
    assert statistics.stdev(trips) == pytest.approx(0.5, rel=0.1)


def test_spot_slots_are_taken_away_at_their_rate() -> None:
    spot = worker(mean=10.0, preemption={"after": 20.0})
    outcomes = attempts(spot, MANY)
    lost = [one for one in outcomes if not one.success]
    assert len(lost) / MANY == pytest.approx(1 - math.exp(-0.5), abs=0.01)
    assert {(one.error, one.detail) for one in lost} == {
        (ErrorKind.TRANSIENT, "simulated pre-emption")
    }
    assert all(one.latency < 10.0 and one.cost < 0.5 for one in lost)


OUTAGES = {"every": 600.0, "lasts": 120.0}


def down(name: str, seed: int = 1, step: float = 1.0, /, **params: Any) -> list[bool]:
    simulator = worker(mean=0.0, outages=[OUTAGES | params])
    simulator.seeded(seed)
    return [not one.success for one in attempts(simulator, 5000, step=step, on=pool(name))]


def test_outages_take_their_share_of_time_and_come_in_spells() -> None:
    hits = down("a", 1, 200.0)
    assert statistics.mean(hits) == pytest.approx(1 - math.exp(-0.2), abs=0.02)
    assert sum(before != after for before, after in pairwise(down("a"))) < 40


def test_outages_of_a_group_are_shared_and_others_are_not() -> None:
    assert down("a", group="eu") == down("b", group="eu")
    assert down("a") != down("b")
    assert down("a", 1) != down("a", 2)
    some = down("a", group="eu", share=0.5)
    whole = down("a", group="eu")
    assert all(whole[n] for n, hit in enumerate(some) if hit)
    assert sum(some) / sum(whole) == pytest.approx(0.5, abs=0.1)


def test_an_outage_ends_what_runs_when_it_begins() -> None:
    simulator = worker(mean=1e6, outages=[{**OUTAGES, "notice": 0.5}])
    lasted = {
        NOON + 60.0 * n: one.latency for n, one in enumerate(attempts(simulator, 3000, step=60.0))
    }
    cut = {start: seconds for start, seconds in lasted.items() if seconds != 0.5}
    assert statistics.mean(cut.values()) == pytest.approx(600.0, rel=0.2)
    begins = {round(start + seconds, 3) for start, seconds in cut.items()}
    assert len(begins) == pytest.approx(3000 * 60.0 / 720.0, rel=0.2)


def test_a_brownout_slows_what_starts_in_it() -> None:
    slow = worker(brownouts=[{"every": 600.0, "lasts": 120.0, "slowdown": 3.0}])
    seconds = [one.latency for one in attempts(slow, 5000, step=200.0)]
    assert set(seconds) == {1.0, 3.0}
    assert seconds.count(3.0) / 5000 == pytest.approx(1 - math.exp(-0.2), abs=0.02)


def test_drift_wanders_slowly_about_the_mean() -> None:
    drifting = worker(drift={"every": 3600.0, "cv": 0.3})
    seconds = [one.latency for one in attempts(drifting, 5000, step=360.0)]
    assert statistics.mean(seconds) == pytest.approx(1.0, abs=0.05)
    knots = seconds[::10]
    assert statistics.stdev(knots) == pytest.approx(0.3, rel=0.25)
    assert max(abs(after / before - 1) for before, after in pairwise(seconds)) < 0.3


@given(start=st.floats(0, 2e9), seed=st.integers(0, 2**64))
def test_the_weather_does_not_depend_on_what_was_asked_before(start: float, seed: int) -> None:
    params = {
        "outages": [OUTAGES | {"group": "eu"}],
        "brownouts": [{"every": 50.0, "lasts": 9.0, "slowdown": 2.0}],
        "drift": {"every": 33.0, "cv": 0.5},
    }
    times = [start + offset for offset in (0.0, 1e4, 3.0, 5e6, 100.0)]
    forwards, backwards = worker(**params), worker(**params)
    for simulator in (forwards, backwards):
        simulator.seeded(seed)
    where, rng = pool(), KeyedRandom(1)

    def outcome(simulator: Deterministic, now: float) -> Any:
        return simulator.sample(task(), where, now, rng.at(5))

    found = {now: outcome(forwards, now) for now in times}
    assert {now: outcome(backwards, now) for now in reversed(times)} == found


def test_the_same_attempt_is_as_lucky_under_other_conditions() -> None:
    plain = Exponential(mean=2.0, success_rate=0.5)
    rough = Exponential(mean=4.0, success_rate=0.5, network={"within": 0.0})
    for one, two in zip(attempts(plain, 200), attempts(rough, 200), strict=True):
        assert two.success == one.success
        assert two.latency == pytest.approx(2 * one.latency)
