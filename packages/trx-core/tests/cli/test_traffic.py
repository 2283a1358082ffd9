"""Traffic as command lines name it, from plugins of a throw-away distribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from throwaway import Site

from trx_core.cli import named_traffic, parse_params
from trx_core.errors import CallerError
from trx_core.plugins import Registry
from trx_core.protocols import Arrival

PLUGIN = """
    from trx_core import hookimpl
    from trx_core.specs import ScenarioSpec, TraceReaderSpec

    @hookimpl
    def trx_register_scenarios():
        return [ScenarioSpec(name="burst", target="acme_traffic:Burst", summary="A burst.")]

    @hookimpl
    def trx_register_trace_readers():
        return [TraceReaderSpec(name="words", target="acme_traffic:Words", summary="Words.")]
"""
TRAFFIC = """
    from trx_core.models import TaskRequest
    from trx_core.protocols import Arrival, BadRow

    class Burst:
        def __init__(self, count=2):
            self.count = count

        def arrivals(self, rng):
            for number in range(self.count):
                yield Arrival(number + rng.random(), TaskRequest(type="burst"))

    class Words:
        def sniff(self, path, head):
            return head.startswith("words")

        def read(self, path, options):
            for line, word in enumerate(path.read_text().split(), start=1):
                yield Arrival(float(line), TaskRequest(type=word, **options), line)
"""


@pytest.fixture
def registry(site: Site) -> Registry:
    site.install("acme", PLUGIN)
    site.module("acme_traffic", TRAFFIC)
    return site.load()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.txt"
    path.write_text("words two")
    return path


def named(registry: Registry, **options: Any) -> tuple[list[Any], str]:
    usual: dict[str, Any] = {
        "trace": None,
        "format": None,
        "scenario": None,
        "params": [],
        "seed": 1,
    }
    rows, title = named_traffic(registry, **(usual | options))
    return list(rows), title


def test_a_trace_is_read_with_its_parameters_and_called_by_its_name(
    registry: Registry, trace: Path
) -> None:
    rows, title = named(registry, trace=trace, params=["priority=9"])
    assert title == "trace.txt"
    assert [(row.line, row.request.type, row.request.priority) for row in rows] == [
        (1, "words", 9),
        (2, "two", 9),
    ]


def test_a_scenario_is_made_with_its_parameters_and_seed(registry: Registry) -> None:
    rows, title = named(registry, scenario="burst", params=["count=3"], seed=7)
    again, _ = named(registry, scenario="burst", params=["count=3"], seed=7)
    other, _ = named(registry, scenario="burst", params=["count=3"], seed=8)
    assert title == "burst, seed 7"
    assert len(rows) == 3 and all(isinstance(row, Arrival) for row in rows)
    assert rows == again != other


def test_neither_or_both_is_not_clear(registry: Registry, trace: Path) -> None:
    for options in ({}, {"trace": trace, "scenario": "burst"}):
        with pytest.raises(CallerError, match=r"TRX-C140: .*Name a --trace or a --scenario"):
            named(registry, **options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scenario": "bust"}, "TRX-C120: there is no .*'bust'. Did you mean 'burst'"),
        ({"scenario": "burst", "params": ["size=3"]}, "TRX-C111: 'burst'"),
        ({"scenario": "burst", "params": ["count"]}, "TRX-C122: 'count'"),
        ({"scenario": "burst", "columns": ["type=kind"]}, "TRX-C144: --column type=kind"),
        ({"trace": Path("nowhere.txt")}, "TRX-C130: 'nowhere.txt' does not exist"),
        ({"trace": Path("nowhere.txt"), "format": "swf"}, "TRX-C133"),
    ],
)
def test_what_is_not_there_is_told(registry: Registry, options: dict[str, Any], told: str) -> None:
    with pytest.raises(CallerError, match=told):
        named(registry, **options)


def test_values_are_yaml() -> None:
    pairs = ["a=1", "b=0.5", "c=x", "d=[1, {e: f}]", "g=", "h=i=j", "k=true"]
    assert parse_params(pairs) == {
        "a": 1,
        "b": 0.5,
        "c": "x",
        "d": [1, {"e": "f"}],
        "g": None,
        "h": "i=j",
        "k": True,
    }


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["a"], "name=value"),
        (["=1"], "name=value"),
        (["a b=1"], "name=value"),
        (["a=1", "a=2"], "given twice"),
        (["a=["], "as YAML"),
        (["a=2024-13-45"], "as YAML"),
        (["a=" + "[" * 5000], "as YAML"),
    ],
    ids=["bare", "nameless", "space", "twice", "open", "date", "deep"],
)
def test_what_is_no_parameter_is_refused(pairs: list[str], told: str) -> None:
    with pytest.raises(CallerError, match=f"(?s)TRX-C122: .*{told}"):
        parse_params(pairs)
