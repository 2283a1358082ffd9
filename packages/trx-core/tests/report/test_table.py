"""A summary on terminals of different width."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from trx_core.report import Distribution, Fold, PoolUse, Summary, render
from trx_core.report.figures import DASH, percent, times

NOTHING = Fold().summary()
BUSY = Summary(
    accepted=1_000_000,
    completed=900_000,
    failed=90_000,
    dead_lettered={"attempts_spent": 80_000, "permanent": 10_000},
    cancelled=9_000,
    open=1_000,
    retried=100_000,
    attempts=1_234_567,
    retries=144_567,
    recoveries=12,
    wait=Distribution(0.75, 0.25, 1.5, 12.25),
    end_to_end=Distribution(120.0, 10.5, 620.0, 1815.0),
    slowdown=Distribution(12.5, 1.0, 1234.5, 9876.25),
    bounded_slowdown=Distribution(2.5, 1.0, 1.75, 81.5),
    short=10.0,
    deadlines=500_000,
    deadline_misses=12_345,
    cost=2_469_000.25,
    busy=86_400.0,
    utilisation=0.525,
    span=7_200.0,
    throughput=125.0,
    pools=(
        PoolUse("gpu-east", 700_000, 900_000, 50_000.0, 64, 0.987, 2_400_000.0),
        PoolUse("cpu-frankfurt-spot-2", 299_000, 334_567, 36_400.0, 2_048, 0.25, 69_000.25),
        PoolUse("gone", 0, 0, 0.0, None, None, 0.0),
    ),
    algorithms={"greedy": 999_000, "first_come_first_served": 1_000},
    tenants=(),
    regions=(),
    tenant_fairness=0.875,
    region_fairness=None,
)


def shown(summary: Summary, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(render(summary, "a run"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("rate", "told"),
    [(0.000_123_4, "0.000123"), (0.0021, "0.0021"), (3.14159, "3.14"), (12_345.67, "12,345.7")],
)
def test_a_slow_rate_is_not_rounded_to_nothing(rate: float, told: str) -> None:
    (line,) = [
        line for line in shown(replace(BUSY, throughput=rate), 80).splitlines() if "tasks/s" in line
    ]
    assert line.split()[-1] == told


def test_what_else_is_known_of_who_decided_stands_below_it() -> None:
    out = io.StringIO()
    why = ["greedy: since [eu] is full", "fifo: in turn"]
    Console(file=out, width=80).print(render(BUSY, "a run", why))
    lines = [line.strip() for line in out.getvalue().rstrip().splitlines()]
    assert lines[-2:] == why and lines[-3].startswith("first_come")


@pytest.mark.parametrize("width", [80, 120])
def test_every_figure_is_there_whole(width: int) -> None:
    text = shown(BUSY, width)
    figures = (
        *("1,000,000", "900,000", "90.0 %", "attempts spent", "80,000", "10,000", "9,000"),
        *("1,234,567", "144,567", "2,469,000.25", "2,400,000.00", "98.7 %", "52.5 %"),
        *("wait, s", "12.25", "end to end, min", "10.33", "30.25", "120.00", "125.0", "2,048"),
        *("12,345", "0.875", "9,876.25", "bounded slowdown, 10 s", "81.50", "2.00"),
        *("gpu-east", "first_come_first_served", "99.9 %"),
    )
    for figure in figures:
        assert figure in text, figure
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_is_not_known_is_a_dash(width: int) -> None:
    text = shown(NOTHING, width)
    assert DASH in text
    assert "nan" not in text
    assert "None" not in text


def test_tasks_that_only_wait_are_shown() -> None:
    assert "100.0 %" in shown(replace(NOTHING, accepted=3, open=3), 80)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((0.0012, 0.25, 0.9), (["1.2", "250.0", "900.0"], "ms")),
        ((0.5, 12.0, 61.25), (["0.50", "12.00", "61.25"], "s")),
        ((6.0, 1800.0, 7200.0), (["0.10", "30.00", "120.00"], "min")),
        ((36_000.0,), (["10.00"], "h")),
        ((0.0, 0.0, 0.5), (["0.0", "0.0", "500.0"], "ms")),
        ((0.0, 0.0, 0.0), (["0.0", "0.0", "0.0"], "s")),
        ((None, None, None), ([DASH] * 3, "s")),
    ],
)
def test_times_share_the_unit_that_suits_them(
    seconds: tuple[float | None, ...], expected: tuple[list[str], str]
) -> None:
    assert times(seconds) == expected


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.0, "0.0 %"),
        (1e-6, "<0.1 %"),
        (0.451, "45.1 %"),
        (0.999_999, "99.9 %"),
        (1999 / 2000, "99.9 %"),
        (0.9994, "99.9 %"),
        (0.0004, "<0.1 %"),
        (0.0006, "0.1 %"),
        (1.0, "100.0 %"),
        (3.5, "350.0 %"),
        (None, DASH),
    ],
)
def test_a_share_is_all_or_nothing_only_when_it_is(ratio: float | None, expected: str) -> None:
    assert percent(ratio) == expected
