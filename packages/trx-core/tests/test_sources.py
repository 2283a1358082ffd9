"""Traffic that plugins make: what is none is told with the plugin's name."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from trx_core.errors import CallerError, PluginError
from trx_core.interrupts import telling_interrupts_apart
from trx_core.models import Disruption, TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_core.sources import scenario_arrivals, scenario_disruptions
from trx_core.specs import ScenarioSpec, TraceReaderSpec
from trx_core.traces import open_trace

REQUEST = TaskRequest(type="a")
SPEC = ScenarioSpec(name="acme", target="acme:Traffic", summary="", provider="acme-router 0.3.1")


def raising(error: BaseException) -> Callable[[], Iterator[Any]]:
    def rows() -> Iterator[Any]:
        yield Arrival(0.0, REQUEST)
        raise error

    return rows


def giving(*rows: Any) -> Callable[[], Iterator[Any]]:
    return lambda: iter(rows)


def leaving() -> Any:
    sys.exit(3)


class Odd(float):
    def __le__(self, other: object) -> bool:
        raise SystemExit

    __ge__ = __lt__ = __gt__ = __le__


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "raises": (raising(ZeroDivisionError("by zero")), "raised ZeroDivisionError: by zero"),
    "exits": (raising(SystemExit(3)), "raised SystemExit: 3"),
    "interrupts": (raising(KeyboardInterrupt()), "raised KeyboardInterrupt"),
    "gives up": (raising(GeneratorExit()), "raised GeneratorExit"),
    "exits at once": (leaving, "raised SystemExit: 3"),
    "no traffic": (lambda: None, "type NoneType, and no traffic"),
    "junk": (giving(5), "type int, and no arrival"),
    "a bad row": (giving(BadRow(1, "torn")), "type BadRow, and no arrival"),
    "something alike": (giving(SimpleNamespace(at=0.0, request=REQUEST, line=0)), "no arrival"),
    "back": (giving(Arrival(5.0, REQUEST), Arrival(1.0, REQUEST)), "at 1.0 s, after 5.0 s"),
    "negative": (giving(Arrival(-1.0, REQUEST)), "at -1.0 s, after 0.0 s"),
    "NaN": (giving(Arrival(float("nan"), REQUEST)), "at nan s"),
    "never": (giving(Arrival(float("inf"), REQUEST)), "at inf s"),
    "no time": (giving(Arrival("soon", REQUEST)), "ValueError: could not convert"),  # type: ignore[arg-type]
    "no request": (giving(Arrival(0.0, {"type": "a"})), "request of type dict, and no task"),  # type: ignore[arg-type]
    "no line": (giving(Arrival(0.0, REQUEST, "one")), "TypeError: 'str'"),  # type: ignore[arg-type]
}


def arrivals(rows: Callable[[], Any]) -> list[Arrival]:
    made: Any = SimpleNamespace(arrivals=lambda rng: rows())
    with telling_interrupts_apart():
        return list(scenario_arrivals(SPEC, made, random.Random(0)))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_scenario_that_gives_no_traffic_is_blamed(fault: str) -> None:
    rows, told = FAULTS[fault]
    with pytest.raises(PluginError, match=r"^TRX-P132: .*'acme' \(acme-router 0.3.1\)") as blamed:
        arrivals(rows)
    assert told in str(blamed.value)


def test_numbers_of_others_are_numbers() -> None:
    given: list[tuple[Any, Any]] = [(0, 0), (np.float64(1.5), np.int64(2)), (Odd(2), 0)]
    found = arrivals(giving(*(Arrival(at, REQUEST, line) for at, line in given)))
    assert [(type(one.at), type(one.line)) for one in found] == [(float, int)] * 3
    assert [(one.at, one.line) for one in found] == [(0.0, 0), (1.5, 2), (2.0, 0)]


def test_what_a_scenario_refuses_on_purpose_passes() -> None:
    with pytest.raises(CallerError, match="TRX-C111"):
        arrivals(raising(CallerError("no such mix.", code="TRX-C111")))


def test_nothing_is_drawn_before_it_is_wanted() -> None:
    made: Any = SimpleNamespace(arrivals=lambda rng: raising(RuntimeError())())
    rows = scenario_arrivals(SPEC, made, random.Random(0))
    assert next(rows) == Arrival(0.0, REQUEST)
    rows.close()  # type: ignore[attr-defined]


class Disruptive:
    def __init__(self, given: Callable[[], Any]) -> None:
        self.disruptions = given


def test_a_scenario_without_disruptions_has_none() -> None:
    made: Any = object()
    assert scenario_disruptions(SPEC, made) == ()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (leaving, "raised SystemExit: 3"),
        (lambda: None, "raised TypeError"),
        (lambda: ["outage"], "type str, and no disruption"),
    ],
)
def test_disruptions_that_are_none_are_blamed(given: Callable[[], Any], told: str) -> None:
    made: Any = Disruptive(given)
    with pytest.raises(PluginError, match=rf"TRX-P132: .*'acme'.* {told}"):
        scenario_disruptions(SPEC, made)


def test_disruptions_pass() -> None:
    outage = Disruption(start=1.0, end=2.0)
    made: Any = Disruptive(lambda: [outage])
    assert scenario_disruptions(SPEC, made) == (outage,)


class Torn:
    def read(self, path: Path, options: Any) -> Iterator[Arrival | BadRow]:
        yield BadRow(1, "torn")
        yield Arrival(0.0, REQUEST, 2)
        sys.exit(7)


def test_a_trace_reader_that_leaves_midway_is_blamed(tmp_path: Path) -> None:
    spec = TraceReaderSpec(name="torn", target=f"{__name__}:Torn", summary="")
    rows = open_trace({"torn": spec}, tmp_path / "x", format="torn")
    assert [next(rows).line, next(rows).line] == [1, 2]
    with pytest.raises(PluginError, match=r"TRX-P131: .*'torn'.*x.*raised SystemExit: 7"):
        next(rows)
