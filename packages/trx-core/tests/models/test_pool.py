"""Pools, fleets, and what is said of a fleet file that is wrong."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

import pytest
import yaml
from pydantic import ValidationError

from trx_core.errors import CallerError
from trx_core.models import MAX_COST, Fleet, WorkerPool

POOL: dict[str, Any] = {
    "name": "a",
    "region": "eu",
    "resource_type": "cpu",
    "cost_per_unit": 1.0,
    "capacity": 2,
    "worker": {"kind": "none"},
}
ID = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost_per_unit", 0.0),
        ("cost_per_unit", MAX_COST),
        ("capacity", 0),
        ("capacity", 1_000_000),
        ("current_load", 0),
        ("expected_latency", 5e-324),
        ("expected_success", 0.0),
        ("expected_success", 1.0),
    ],
)
def test_the_ends_of_each_range_are_taken(field: str, value: float) -> None:
    assert getattr(WorkerPool.model_validate(POOL | {field: value}), field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "not a uuid"),
        ("name", ""),
        ("name", "a b"),
        ("name", 7),
        ("region", "x" * 65),
        ("resource_type", ""),
        ("cost_per_unit", -0.01),
        ("cost_per_unit", MAX_COST * 1.001),
        ("cost_per_unit", float("nan")),
        ("cost_per_unit", float("inf")),
        ("capacity", -1),
        ("capacity", 1_000_001),
        ("capacity", 1.5),
        ("current_load", -1),
        ("expected_latency", 0.0),
        ("expected_latency", MAX_COST * 1.001),
        ("expected_latency", float("inf")),
        ("expected_success", -0.01),
        ("expected_success", 1.01),
        ("worker", None),
        ("worker", {"kind": ""}),
        ("worker", {"kind": "none", "speed": 1}),
        ("colour", "red"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        WorkerPool.model_validate(POOL | {field: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


@pytest.mark.parametrize("field", [*POOL])
def test_every_field_without_a_default_is_required(field: str) -> None:
    rest = {key: value for key, value in POOL.items() if key != field}
    with pytest.raises(ValidationError) as refused:
        WorkerPool.model_validate(rest)
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def test_the_id_is_a_function_of_the_name_unless_it_is_given() -> None:
    one, again, other = (
        WorkerPool.model_validate(POOL | {"name": name, "capacity": size})
        for name, size in [("a", 1), ("a", 9), ("b", 1)]
    )
    assert one.id == again.id != other.id
    assert one.id == UUID("2545c403-d8f8-5a9a-b264-a22c28e7e659"), "stored fleets go by it"
    given = UUID(int=3)
    assert WorkerPool.model_validate(POOL | {"id": given}).id == given


FILE = """
distance:
  eu: {us: 0.5}
  asia: {mars: 9}
pools:
  - &pool {name: a, region: eu, resource_type: cpu, cost_per_unit: 1, capacity: 2, worker: {kind: k}}
  - {<<: *pool, name: b, region: africa}
"""  # noqa: E501


def test_a_file_gives_pools_in_its_order() -> None:
    fleet = Fleet.from_yaml(FILE)
    assert [(p.name, p.region, p.capacity) for p in fleet.pools] == [
        ("a", "eu", 2),
        ("b", "africa", 2),
    ]


def test_the_regions_are_those_of_pools_and_of_distances() -> None:
    assert Fleet.from_yaml(FILE).regions == {"eu", "us", "asia", "mars", "africa"}


def one(**more: Any) -> dict[str, Any]:
    return {**POOL, **more}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"pools": []}, ["pools: "]),
        ({}, ["pools: Field required"]),
        ([], ["document: "]),
        (None, ["document: "]),
        ({"pools": [one(capacity=-1)]}, ["pools.0.capacity: "]),
        (
            {"pools": [one(), one(name="b", region="", cost_per_unit="dear")]},
            ["pools.1.region: ", "pools.1.cost_per_unit: "],
        ),
        ({"pools": [one(worker={})]}, ["pools.0.worker.kind: Field required"]),
        ({"pools": [one()], "pool": []}, ["pool: "]),
        ({"pools": [one(), one(), one(name="b")]}, ["given twice: a"]),
        ({"pools": [one(id=ID), one(name="b", id=ID)]}, ["pool ids must be unique"]),
        ({"pools": [one()], "distance": {"eu": {"us": -1}}}, ["distance.eu.us: "]),
        ({"pools": [one()], "distance": {"eu": {"us": float("nan")}}}, ["distance.eu.us: "]),
        ({"pools": [one()], "distance": {"eu": {"us": float("inf")}}}, ["distance.eu.us: "]),
        ({"pools": [one()], "distance": {"e u": {}}}, ["distance.e u"]),
    ],
)
def test_each_field_of_a_file_that_is_wrong_is_named(content: Any, named: list[str]) -> None:
    with pytest.raises(CallerError) as refused:
        Fleet.from_yaml(yaml.safe_dump(content), source="fleet.yaml")
    told = str(refused.value)
    assert told.startswith("TRX-C110: fleet.yaml does not describe a fleet: ")
    assert all(name in told for name in named), told


def test_a_worker_parameter_that_is_no_finite_number_is_named() -> None:
    params = {"mean": math.nan, "quantiles": [1.0, -math.inf], "by_type": {"web": {"cv": math.inf}}}
    text = yaml.safe_dump({"pools": [one(worker={"kind": "lognormal", "params": params})]})
    with pytest.raises(CallerError, match="TRX-C110") as refused:
        Fleet.from_yaml(text, source="fleet.yaml")
    told = str(refused.value)
    for fault in (
        "mean: nan is no finite number",
        "quantiles.1: -inf is no finite number",
        "by_type.web.cv: inf is no finite number",
    ):
        assert fault in told
    assert "pools.0.worker.params: " in told


@pytest.mark.parametrize(
    "text",
    ["pools: [", "a: *nowhere", "pools: 2024-13-45", "pools:\n\t- a", "a: " + "[" * 5000],
    ids=["open", "alias", "date", "tab", "deep"],
)
def test_what_is_no_yaml_is_told_in_one_line(text: str) -> None:
    with pytest.raises(CallerError, match=r"^TRX-C110: f\.yaml is not YAML: ") as refused:
        Fleet.from_yaml(text, source="f.yaml")
    assert "\n" not in str(refused.value)
