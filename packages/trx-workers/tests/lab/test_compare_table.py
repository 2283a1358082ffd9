"""A comparison on terminals of any width."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from trx_core.plugins import load_plugins
from trx_core.report.figures import DASH
from trx_workers.lab.compare_table import render_comparison
from trx_workers.lab.comparison import compare
from trx_workers.lab.figure_table import Column, FigureTable
from trx_workers.lab.finding import Finding, find
from trx_workers.lab.measures import MEASURES
from trx_workers.lab.plan import Plan, Traffic
from trx_workers.lab.wording import figures, told

WIDTHS = (40, 60, 80, 100, 300)
LABELS = ("fcfs backfill=conservative", "round-robin", "an-algorithm-of-a-very-long-name one=1")
OVERVIEW = ("wait_mean", "turnaround_mean", "turnaround_p99", "cost", "success", "decision")
Found = dict[str, list[Finding]]


@pytest.fixture(scope="module")
def found() -> Found:
    """Six runs each of three algorithms, whose waits are far apart."""
    registry = load_plugins()
    plan = Plan(Traffic(scenario="steady", params={"count": 40}), "fifo", timed=True)
    runs = [find(replace(plan, seed=seed), registry) for seed in range(6)]
    return {
        label: [
            replace(
                one,
                measures={**one.measures, "wait_mean": (seed + 1.234) * factor, "cost": factor},
            )
            for seed, one in enumerate(runs)
        ]
        for label, factor in zip(LABELS, (0.01, 3.7, 190_000.0), strict=True)
    }


def shown(what: RenderableType, width: int) -> str:
    """What a console so wide prints."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    return out.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_figure_is_whole_with_its_unit(found: Found, width: int) -> None:
    comparison = compare(found, LABELS[0], measures=["wait_mean", "cost", "wait_p95"])
    text = shown(render_comparison("title", found, comparison), width)
    assert all(len(line) <= width for line in text.splitlines())
    for name in OVERVIEW:
        means = [sum(one.measures[name] for one in runs) / 6 for runs in found.values()]
        for cell in figures(means, MEASURES[name].unit):
            assert f" {cell} " in text.replace("\n", " \n")
    for rows in comparison.differences.values():
        for row in rows[:2]:
            assert all(cell in text for cell in (*told(row), row.verdict.value))
    for word in ("turnaround", "decision", "decided", "refused", "difference"):
        assert word in text.split(), "titles are not broken in words"


@pytest.mark.parametrize("width", WIDTHS)
def test_columns_that_do_not_fit_follow_below_with_the_same_labels(width: int) -> None:
    labels = [Text("first"), Text("second")]
    columns = [
        Column(f"measure {at}", [Text(f"{row}.2345678 m{at}") for row in (1, 2)]) for at in range(9)
    ]
    text = shown(FigureTable("heading", labels, columns), width)
    tables = text.count("heading")
    assert text.count("first") == text.count("second") == tables
    assert (tables == 1) == (width == 300)
    assert [cell for row in columns for cell in row.cells if cell.plain not in text] == []


def test_all_of_a_column_are_told_in_the_unit_of_the_largest(found: Found) -> None:
    assert figures([564 * 60.0, None, 187 * 3600.0], "s") == ["9.4 h", DASH, "187 h"]
    text = shown(
        render_comparison("title", found, compare(found, LABELS[0], measures=["wait_mean"])), 120
    )
    assert text.count(" h ") >= len(LABELS) and "197 h" in text
