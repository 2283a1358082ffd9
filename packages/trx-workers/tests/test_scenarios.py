"""Every scenario: that it comes again, streams, is described, and keeps to its own formula."""

from __future__ import annotations

import math
import random
import tracemalloc
from collections import Counter
from itertools import islice, pairwise

import pytest
from processes import printed_under_hash_seeds

from trx_core.cli.describe import parameters
from trx_core.errors import InvalidParameters
from trx_core.fleets import default_fleet
from trx_core.models import check_disruptions
from trx_core.protocols import Arrival, Disruptive, Scenario
from trx_core.randomness import KeyedRandom
from trx_workers.plugin import trx_register_scenarios
from trx_workers.traffic.bursts import Bursts
from trx_workers.traffic.diurnal import Diurnal
from trx_workers.traffic.flash_crowd import FlashCrowd
from trx_workers.traffic.shapes import HeavyTailed, Poison, PriorityMix
from trx_workers.traffic.steady import Steady
from trx_workers.traffic.thundering_retry import ThunderingRetry

SCENARIOS = {spec.name: spec for spec in trx_register_scenarios()}
NAMES = pytest.mark.parametrize("name", SCENARIOS)
LONG = 1e9

PRINT = """
import sys
from trx_core.randomness import KeyedRandom
from trx_workers.plugin import trx_register_scenarios
for spec in trx_register_scenarios():
    scenario = spec.build({"count": 300, "duration": 1e6})
    for one in scenario.arrivals(KeyedRandom(7)):
        print(spec.name, one.at.hex(), one.request.model_dump_json())
"""


def traffic(scenario: Scenario, seed: int = 1) -> list[Arrival]:
    return list(scenario.arrivals(KeyedRandom(seed)))


def counts(times: list[float], window: float) -> list[int]:
    """Arrivals in each window; the last, which is not whole, is left out."""
    found = Counter(int(at / window) for at in times)
    return [found[n] for n in range(int(times[-1] / window))]


@NAMES
def test_fits_the_default_fleet_and_runs_in_order(name: str) -> None:
    scenario = SCENARIOS[name].build()
    assert isinstance(scenario, Scenario)
    arrivals = traffic(scenario)
    assert 1000 < len(arrivals) < 10_000
    assert all(earlier.at <= later.at for earlier, later in pairwise(arrivals))
    assert {arrival.request.region for arrival in arrivals} == default_fleet().regions | {None}
    if isinstance(scenario, Disruptive):
        check_disruptions(scenario.disruptions(), default_fleet())


def test_come_again_in_another_process() -> None:
    printed = printed_under_hash_seeds(PRINT)
    assert len(printed) == 1
    (text,) = printed
    assert {line.split()[0] for line in text.splitlines()} == set(SCENARIOS)


@NAMES
def test_another_seed_is_other_traffic(name: str) -> None:
    build = SCENARIOS[name].build
    first = traffic(build({"count": 50, "duration": LONG}), 1)
    assert first == traffic(build({"count": 50, "duration": LONG}), 1)
    assert first != traffic(build({"count": 50, "duration": LONG}), 2)


@NAMES
def test_streams(name: str) -> None:
    """The memory of a long traffic is that of a short one."""
    peaks = []
    for count in (500, 10_000):
        scenario = SCENARIOS[name].build({"count": count, "duration": LONG})
        tracemalloc.start()
        assert sum(1 for _ in scenario.arrivals(KeyedRandom(1))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000


@NAMES
def test_every_parameter_is_described(name: str) -> None:
    told = parameters(SCENARIOS[name])
    assert {"rate", "count", "mix"} - {"rate"} <= {one.name for one in told}
    for one in told:
        assert one.type and one.description and one.default is not None, one
    with pytest.raises(Exception, match="TRX-C111"):
        SCENARIOS[name].build({"no_such": 1})


def test_what_is_wrong_is_told_by_parameter() -> None:
    with pytest.raises(InvalidParameters) as caught:
        Bursts(burst_rate=-1, quiet_seconds="long")
    assert [path for path, _ in caught.value.faults] == ["burst_rate", "quiet_seconds"]


def test_the_tasks_are_the_same_in_whatever_pattern_they_arrive() -> None:
    patterns = (Steady(count=200), Bursts(count=200), Diurnal(count=200))
    first, *others = ([arrival.request for arrival in traffic(p)] for p in patterns)
    assert all(other == first for other in others)


def test_bursts_have_the_rate_and_the_dispersion_of_their_process() -> None:
    a, b, s, t, window = 1.0, 10.0, 1.0, 0.5, 20.0
    bursts = Bursts(quiet_rate=a, burst_rate=b, quiet_seconds=s, burst_seconds=t)
    times = list(islice(bursts.instants(KeyedRandom(3)), 80_000))
    mean = (a * s + b * t) / (s + t)
    assert len(times) / times[-1] == pytest.approx(mean, rel=0.03)
    excess = 2 * (b - a) ** 2 * s**2 * t**2 / ((s + t) ** 2 * (a * s + b * t))
    turns = (1 / s + 1 / t) * window
    expected = 1 + excess * (1 - (1 - math.exp(-turns)) / turns)
    assert dispersion(counts(times, window)) == pytest.approx(expected, rel=0.15)


def test_steady_traffic_has_the_dispersion_of_a_poisson_process() -> None:
    times = list(islice(Steady(rate=4.0).instants(KeyedRandom(3)), 80_000))
    assert dispersion(counts(times, 20.0)) == pytest.approx(1.0, rel=0.15)


def dispersion(numbers: list[int]) -> float:
    mean = sum(numbers) / len(numbers)
    return sum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1) / mean


def test_a_day_has_its_peak_its_trough_and_its_mean() -> None:
    day = Diurnal(rate=100.0, swing=0.8, period=100.0, peak_at=0.25)
    times = list(islice(day.instants(KeyedRandom(5)), 200_000))
    hours = Counter(int(at % 100.0) for at in times)
    days = times[-1] / 100.0
    assert hours[25] / days == pytest.approx(180, rel=0.06)
    assert hours[75] / days == pytest.approx(20, rel=0.15)
    assert sum(hours.values()) / days == pytest.approx(100 * 100, rel=0.01)


def test_a_crowd_brings_as_many_as_it_says() -> None:
    crowd = {"rate": 50.0, "surge": 9.0, "at": 20.0, "rise": 4.0, "decay": 5.0}
    times = [arrival.at for arrival in traffic(FlashCrowd(**crowd, duration=100.0))]
    before = sum(at < 20 for at in times)
    extra = len(times) - 50 * 100
    assert before == pytest.approx(1000, rel=0.1)
    assert extra == pytest.approx(50 * 8 * (4 / 2 + 5), rel=0.1)
    assert max(counts(times, 1.0)[22:26]) == pytest.approx(450, rel=0.15)


def test_sizes_have_the_tail_index_and_keep_the_mean() -> None:
    mix = {"a": {"cost": 100.0}}
    costs = sorted(
        arrival.request.cost
        for arrival in traffic(HeavyTailed(tail=1.7, mix=mix, count=40_000, duration=LONG), 4)
    )
    largest = costs[-2000:]
    hill = sum(math.log(cost / largest[0]) for cost in largest[1:]) / (len(largest) - 1)
    assert 1 / hill == pytest.approx(1.7, rel=0.08)
    assert costs[0] == pytest.approx(100 * 0.7 / 1.7, rel=0.01)
    assert sum(costs) / len(costs) == pytest.approx(100, rel=0.25)


def test_a_type_may_have_a_tail_of_its_own() -> None:
    mix = {"a": {"cost": 1.0, "tail": 50.0}}
    requests = [a.request for a in traffic(HeavyTailed(tail=1.1, mix=mix, count=2000))]
    assert max(request.cost for request in requests) < 1.5


def test_priorities_are_mixed_as_told() -> None:
    drawn = Counter(
        arrival.request.priority
        for arrival in traffic(PriorityMix(priorities={2: 3, 9: 1}, count=8000, duration=LONG))
    )
    assert set(drawn) == {2, 9}
    assert drawn[9] / drawn.total() == pytest.approx(0.25, abs=0.02)
    with pytest.raises(ValueError, match="priorities: the weights"):
        PriorityMix(priorities={2: 0})


def test_so_many_tasks_are_poison() -> None:
    requests = [
        a.request for a in traffic(Poison(share=0.3, kind="permanent", count=8000, duration=LONG))
    ]
    poison = [r for r in requests if r.metadata == {"trx.fails": "permanent"}]
    assert len(poison) / len(requests) == pytest.approx(0.3, abs=0.02)
    assert {str(r.metadata) for r in requests if r.metadata} == {str(poison[0].metadata)}


def test_a_herd_comes_again_in_step() -> None:
    herd = ThunderingRetry(rate=1.0, clients=50, at=10.0, retries=3, backoff=2.0, growth=3.0)
    again = [a for a in traffic(herd) if "client" in a.request.metadata]
    assert Counter(a.at for a in again) == {10.0: 50, 12.0: 50, 18.0: 50, 36.0: 50}
    first = {a.request.metadata["client"]: a.request for a in again if a.at == 10.0}
    for one in again:
        origin = first[one.request.metadata["client"]]
        assert one.request.model_copy(update={"metadata": origin.metadata}) == origin


def test_jitter_takes_a_herd_apart() -> None:
    herd = ThunderingRetry(clients=50, at=10.0, retries=1, backoff=10.0, jitter=1.0)
    again = sorted(a.at for a in traffic(herd) if a.request.metadata.get("retry") == 1)
    assert len(set(again)) == 50
    assert again[0] < 12 < 18 < again[-1] <= 20


def test_any_generator_of_the_standard_library_will_do() -> None:
    one, other = (list(Steady(count=9).arrivals(random.Random(3))) for _ in range(2))
    assert one == other
