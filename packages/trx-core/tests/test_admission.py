"""Which wishes a fleet could ever meet."""

from __future__ import annotations

import pytest

from trx_core.admission import ANYTHING, Wish, faults
from trx_core.models import Fleet, TaskRequest

FLEET = """
pools:
  - {name: a, region: eu, resource_type: cpu, cost_per_unit: 1, capacity: 4, worker: {kind: k}}
  - {name: b, region: us, resource_type: gpu, cost_per_unit: 1, capacity: 2, worker: {kind: k}}
distance: {asia: {eu: 3}}
"""


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (ANYTHING, []),
        (Wish("eu", "gpu", 2), []),
        (Wish("asia"), []),
        (Wish(slots=4), []),
        (Wish("mars"), ["region: no pool stands in 'mars'; known regions: asia, eu, us"]),
        (Wish(None, "tpu"), ["resource_type: no pool is made of 'tpu'; there is: cpu, gpu"]),
        (Wish("us", "gpu", 2, True), []),
        (Wish("eu", None, 4, True), []),
        (
            Wish("asia", region_required=True),
            ["region: no pool stands in 'asia', which the task is bound to; pools stand in eu, us"],
        ),
        (
            Wish("mars", "gpu", 3, True),
            [
                "region: no pool stands in 'mars'; known regions: asia, eu, us",
                "slots: the largest pool of 'gpu' has 2",
            ],
        ),
        (
            Wish("eu", "gpu", region_required=True),
            ["resource_type: no pool in 'eu' is made of 'gpu'; there is: cpu"],
        ),
        (Wish("us", None, 3, True), ["slots: the largest pool in 'us' has 2"]),
        (Wish("us", "gpu", 3, True), ["slots: the largest pool of 'gpu' in 'us' has 2"]),
        (Wish(slots=5), ["slots: the largest pool has 4"]),
        (Wish(None, "gpu", 3), ["slots: the largest pool of 'gpu' has 2"]),
        (
            Wish("mars", "gpu", 3),
            [
                "region: no pool stands in 'mars'; known regions: asia, eu, us",
                "slots: the largest pool of 'gpu' has 2",
            ],
        ),
    ],
)
def test_every_field_that_no_pool_can_meet_is_named(wish: Wish, told: list[str]) -> None:
    assert list(map(str, faults(wish, Fleet.from_yaml(FLEET)))) == told


def test_a_drained_pool_may_be_filled_again() -> None:
    drained = Fleet.from_yaml(FLEET.replace("capacity: 4", "capacity: 0"))
    assert faults(Wish("eu", "cpu", 400), drained) == []


def test_where_there_is_no_fleet_nothing_in_particular_can_be_met() -> None:
    assert faults(ANYTHING, None) == []
    assert [fault.field for fault in faults(Wish("eu", "cpu"), None)] == ["region", "resource_type"]


def test_a_request_says_what_it_asks() -> None:
    request = TaskRequest(type="t", region="eu", resource_type="gpu", slots=3, region_required=True)
    assert Wish.of(request) == Wish("eu", "gpu", 3, True)
