"""Steady traffic: its rate, its mix, and that it comes again."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from processes import printed_under_hash_seeds

from trx_core.fleets import default_fleet
from trx_core.protocols import Arrival
from trx_core.randomness import KeyedRandom
from trx_workers.traffic.steady import Steady


def traffic(seed: int = 1, **params: Any) -> list[Arrival]:
    return list(Steady(**params).arrivals(KeyedRandom(seed)))


def test_is_two_thousand_tasks_at_150_a_second_by_default() -> None:
    arrivals = traffic()
    assert len(arrivals) == 2000
    assert arrivals[-1].at == pytest.approx(2000 / 150, rel=0.1)


def test_fits_the_default_fleet() -> None:
    fleet = default_fleet()
    requests = [arrival.request for arrival in traffic()]
    assert {request.region for request in requests} == fleet.regions | {None}
    for request in requests:
        assert any(
            request.resource_type in (None, pool.resource_type) and request.slots <= pool.capacity
            for pool in fleet.pools
        )


def test_arrives_as_a_poisson_process() -> None:
    times = [0.0, *(arrival.at for arrival in traffic(rate=10.0, count=20_000))]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 0
    assert sum(gaps) / len(gaps) == pytest.approx(0.1, rel=0.03)
    assert sum(gap > 0.2 for gap in gaps) / len(gaps) == pytest.approx(0.1353, abs=0.01)


def test_draws_from_the_mix() -> None:
    mix = {
        "a": {"weight": 3, "cost": 2.0, "priorities": {1: 1, 10: 3}, "slots": 2},
        "b": {"weight": 1, "cost": 5.0, "cv": 0.0, "resource_type": "gpu"},
    }
    requests = [
        arrival.request
        for arrival in traffic(mix=mix, count=20_000, regions={"x": 1, "y": 3}, anywhere=0.5)
    ]
    first = [request for request in requests if request.type == "a"]
    second = [request for request in requests if request.type == "b"]
    assert len(first) / len(requests) == pytest.approx(0.75, abs=0.02)
    assert sum(request.cost for request in first) / len(first) == pytest.approx(2.0, rel=0.03)
    assert Counter(request.priority for request in first)[10] / len(first) == pytest.approx(
        0.75, abs=0.02
    )
    assert {(request.slots, request.resource_type) for request in first} == {(2, None)}
    assert {(request.cost, request.priority, request.resource_type) for request in second} == {
        (5.0, 5, "gpu")
    }
    regions = Counter(request.region for request in requests)
    assert regions[None] / len(requests) == pytest.approx(0.5, abs=0.02)
    assert regions["y"] / regions["x"] == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize(
    ("limits", "count"), [({"count": 7}, 7), ({"count": 7, "duration": 0.0}, 0), ({"count": 0}, 0)]
)
def test_ends_where_it_should(limits: dict[str, Any], count: int) -> None:
    assert len(traffic(**limits)) == count


def test_a_duration_alone_is_the_only_limit() -> None:
    arrivals = traffic(rate=500.0, duration=10.0)
    assert len(arrivals) == pytest.approx(5000, rel=0.1)
    assert arrivals[-1].at <= 10.0


def test_binds_tasks_of_a_kind_to_the_region_that_they_name() -> None:
    mix = {"free": {}, "bound": {"region_required": True}}
    drawn = [one.request for one in traffic(mix=mix, count=500, anywhere=0.5)]
    for one in drawn:
        assert one.region_required == (one.type == "bound" and one.region is not None)
    assert {one.region_required for one in drawn if one.type == "bound"} == {True, False}


def test_another_seed_is_other_traffic() -> None:
    assert traffic(seed=1) == traffic(seed=1) != traffic(seed=2)


def test_comes_again_in_another_process() -> None:
    script = (
        "from trx_core.randomness import KeyedRandom\n"
        "from trx_workers.traffic.steady import Steady\n"
        "print([(a.at.hex(), a.request) for a in Steady(count=200).arrivals(KeyedRandom(4))])"
    )
    printed = printed_under_hash_seeds(script)
    here = [(arrival.at.hex(), arrival.request) for arrival in traffic(seed=4, count=200)]
    assert printed == {f"{here}\n"}


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"rate": 0}, "rate: "),
        ({"speed": 3}, "speed: "),
        ({"mix": {}}, "mix: "),
        ({"mix": {"a": {"weight": 0}}}, "mix: the weights"),
        ({"mix": {"a": {"priorities": {11: 1}}}}, r"mix\.a\.priorities\.11"),
        ({"mix": {"a b": {}}}, r"mix\.a b"),
        ({"regions": {}, "anywhere": 0}, "regions: "),
    ],
)
def test_names_the_parameter_that_is_wrong(params: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Steady(**params)
