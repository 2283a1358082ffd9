"""The page on worker pools: its examples are run, and its tables are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from fresh import ROOT
from pages import section
from pydantic import BaseModel

from trx_core.engine import Simulators
from trx_core.fleets import default_fleet
from trx_core.models import Attempt, Fleet
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import simulator_maker
from trx_core.testing import sample_pools, sample_tasks
from trx_workers.plugin import SIMULATED
from trx_workers.simulators.recorded import RecordedParameters
from trx_workers.simulators.service import MeanService, ServiceParameters
from trx_workers.weather import parameters as weather

PAGE = (ROOT / "docs/workers.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \|", re.MULTILINE)

KINDS: dict[str, type[BaseModel]] = {
    **{name: load_plugins().worker(name).load().service for name, *_ in SIMULATED},
    "recorded": RecordedParameters,
}
CONDITIONS: dict[str, type[BaseModel]] = {
    "cold_start": weather.ColdStart,
    "network": weather.Network,
    "outages": weather.Outage,
    "brownouts": weather.Brownout,
    "drift": weather.Drift,
    "preemption": weather.Preemption,
    "elastic": weather.Elastic,
    "prices": weather.Prices,
}


def fleets() -> Iterator[Fleet]:
    """What each example describes; one of a worker alone stands for a pool of its own."""
    for text in EXAMPLES:
        told = yaml.safe_load(text)
        if "pools" not in told:
            pool = sample_pools()[0].model_dump(exclude={"worker"})
            told = {"pools": [pool | {"worker": told["worker"]}]}
        yield Fleet.model_validate(told)


def told_by(text: str) -> dict[str, str]:
    """The table of parameters under a heading: name → default."""
    return dict(ROW.findall(text))


def as_told(default: Any) -> str:
    if default is None or default in ({}, ()):
        return "none"
    return f"`{default}`" if isinstance(default, str) else str(default)


def defaults(model: type[BaseModel], without: type[BaseModel] | None = None) -> dict[str, str]:
    inherited = without.model_fields if without else {}
    return {
        name: "required"
        if one.is_required()
        else as_told(one.get_default(call_default_factory=True))
        for name, one in model.model_fields.items()
        if name not in inherited
    }


@pytest.mark.parametrize("fleet", list(fleets()), ids=range(len(EXAMPLES)))
def test_an_example_is_made_and_samples(fleet: Fleet) -> None:
    (pool,) = fleet.pools
    simulators = Simulators(simulator_maker(load_plugins()), 1)
    for task in sample_tasks(50):
        outcome = simulators.start(Attempt(task, pool, 1, "page", 1000.0), 1000.0)
        assert outcome.latency >= 0


def test_every_kind_and_condition_has_an_example() -> None:
    workers = [fleet.pools[0].worker for fleet in fleets()]
    assert {worker.kind for worker in workers} == set(KINDS)
    given = {name for worker in workers for name in worker.params}
    assert set(weather.Conditions.model_fields) <= given


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_own_parameters_in_a_table(kind: str) -> None:
    told = told_by(section(PAGE, f"`{kind}`"))
    model = KINDS[kind]
    shared = MeanService if issubclass(model, MeanService) else ServiceParameters
    own = defaults(model, shared)
    if kind == "empirical":
        own = {name: own[name] for name in ("values", "quantiles", "file")}
    assert told == own


def test_the_parameters_that_all_share_are_in_a_table() -> None:
    told = told_by(section(PAGE, "What all kinds share"))
    assert told.pop("by_type") == "none"
    assert told == defaults(MeanService)


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_has_its_parameters_in_a_table(name: str) -> None:
    told = told_by(section(PAGE, f"`{name}`"))
    expected = defaults(CONDITIONS[name])
    if "group" in expected:
        expected["group"] = "the pool"
    assert told == expected


def test_the_default_fleet_is_told() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| (\d+) \| ([\d.]+) \|",
        section(PAGE, "Without a fleet file"),
        re.MULTILINE,
    )
    pools = [(p.name, p.capacity, p.cost_per_unit) for p in default_fleet().pools]
    assert [(name, int(slots), float(price)) for name, slots, price in rows] == pools
