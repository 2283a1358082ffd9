"""A summary on a terminal; readable from 80 columns up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from trx_core.report.figures import DASH, count, fixed, percent, significant, times
from trx_core.report.summary import Distribution, Summary

__all__ = ["render"]

_BAR: Final = 10
_DIM: Final = "bright_black"


def render(summary: Summary, title: str, why: Sequence[str] = ()) -> RenderableType:
    """A summary for a :class:`rich.console.Console`; what is not known is a dash.

    Args:
        summary: the numbers.
        title: of the whole.
        why: lines that stand below who decided.
    """
    sides = Table.grid(padding=(0, 4, 0, 0))
    sides.add_row(_tasks(summary), _run(summary))
    deciders = Group(_algorithms(summary), *(Text(line, style=_DIM) for line in why))
    sections = (sides, _times(summary), _pools(summary), deciders)
    return Group(
        Text(title, style="bold"),
        *(Padding(section, (1, 0, 0, 1)) for section in sections),
        Text(),
    )


def _section(heading: str, *columns: tuple[str, Literal["left", "right"]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=_DIM)
    table.add_column(Text(heading, style="bold cyan"), min_width=12, overflow="fold")
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
    return table


def _tasks(summary: Summary) -> Table:
    rows = [
        ("completed", summary.completed, "green"),
        ("retried", summary.retried, "yellow"),
        ("failed, dead letters", summary.failed, "red"),
        *((f"  {why.replace('_', ' ')}", n, "red") for why, n in summary.dead_lettered.items()),
        ("cancelled", summary.cancelled, "yellow"),
        ("still open", summary.open, "yellow"),
    ]
    if summary.deadlines:
        rows.append(("deadline missed", summary.deadline_misses, "red"))
    table = _section("Tasks", ("", "right"), ("", "right"))
    table.add_row("accepted", Text(count(summary.accepted), style="bold"))
    for label, number, style in rows:
        share = percent(number / summary.accepted) if summary.accepted else DASH
        figure = Text(count(number), style=f"bold {style}" if number else _DIM)
        table.add_row(label, figure, Text(share, style=_DIM))
    return table


def _times(summary: Summary) -> Table:
    table = _section("Times", *((name, "right") for name in Distribution._fields))
    for label, spread in (("wait", summary.wait), ("end to end", summary.end_to_end)):
        figures, unit = times(spread)
        table.add_row(f"{label}, {unit}", *figures)
    bounded = f"bounded slowdown, {summary.short:g} s"
    for label, spread in (("slowdown", summary.slowdown), (bounded, summary.bounded_slowdown)):
        table.add_row(label, *(fixed(figure, 2) for figure in spread))
    return table


def _run(summary: Summary) -> Table:
    table = _section("Run", ("", "right"))
    (span,), unit = times((summary.span or None,))
    for label, figure in (
        (f"span, {unit}", span),
        ("completed, tasks/s", significant(summary.throughput)),
        ("cost, money", fixed(summary.cost, 2)),
        ("attempts", count(summary.attempts)),
        ("  tried again", count(summary.retries)),
        ("  lost with a runner", count(summary.recoveries)),
    ):
        table.add_row(label, figure)
    for label, index in (
        ("fairness of tenants", summary.tenant_fairness),
        ("fairness of regions", summary.region_fairness),
    ):
        if index is not None:
            table.add_row(label, fixed(index, 3))
    return table


def _pools(summary: Summary) -> Table:
    table = _section(
        "Pools",
        ("slots", "right"),
        ("tasks", "right"),
        ("attempts", "right"),
        ("cost, money", "right"),
        ("utilisation", "right"),
        ("", "left"),
    )
    for pool in summary.pools:
        table.add_row(
            pool.name,
            count(pool.capacity),
            count(pool.tasks),
            count(pool.attempts),
            fixed(pool.cost, 2),
            percent(pool.utilisation),
            _bar(pool.utilisation),
        )
    capacities = [pool.capacity for pool in summary.pools if pool.capacity is not None]
    table.add_row(
        "all",
        count(sum(capacities) if capacities else None),
        count(sum(pool.tasks for pool in summary.pools)),
        count(summary.attempts),
        fixed(summary.cost, 2),
        percent(summary.utilisation),
        _bar(summary.utilisation),
        style="bold",
    )
    return table


def _bar(ratio: float | None) -> RenderableType:
    if ratio is None:
        return ""
    return ProgressBar(
        total=1.0,
        completed=min(ratio, 1.0),
        width=_BAR,
        complete_style="cyan",
        finished_style="yellow",
    )


def _algorithms(summary: Summary) -> Table:
    table = _section("Decided by", ("tasks", "right"), ("", "right"))
    placed = sum(summary.algorithms.values())
    for name, number in summary.algorithms.items():
        table.add_row(name, count(number), Text(percent(number / placed), style=_DIM))
    if not placed:
        table.add_row(DASH)
    return table
