"""A comparison on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trx_workers.lab.comparison import Comparison, Difference, Verdict
from trx_workers.lab.finding import Finding
from trx_workers.lab.measures import MEASURES
from trx_workers.lab.wording import ACCOUNTED, basis, figure, findings, headed, notes, titled, told

__all__ = ["render_comparison"]

_STYLE: Final = {Verdict.BETTER: "bold green", Verdict.WORSE: "bold red"}
_OVERVIEW: Final = ("wait_mean", "turnaround_mean", "turnaround_p99", "cost", "success", "decision")

_LABEL: Final = 19
"""Letters of an algorithm's label in one line, at least."""


def render_comparison(
    title: str, found: Mapping[str, Sequence[Finding]], comparison: Comparison
) -> RenderableType:
    """The means of all algorithms, then each against the baseline."""
    trace = next(iter(found.values()))[0].plan.traffic.trace is not None
    sections: list[RenderableType] = [_overview(found, comparison), _deciders(comparison)]
    sections += [
        _against(name, comparison.baseline, rows) for name, rows in comparison.differences.items()
    ]
    claims = "\n".join(findings(comparison)) or "Nothing can be claimed from these runs."
    sections.append(Text(claims))
    sections.append(Text(basis(comparison, trace=trace), style="bright_black"))
    return Group(Text(title, style="bold"), *(Padding(one, (1, 0, 0, 1)) for one in sections))


def _section(heading: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bright_black")
    table.add_column(Text(heading, style="bold cyan"), overflow="fold")
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _overview(found: Mapping[str, Sequence[Finding]], comparison: Comparison) -> Table:
    table = _section("Means of the runs", *map(headed, _OVERVIEW))
    table.columns[0].min_width = min(_LABEL, max(map(len, found)))
    for label, runs in found.items():
        row = [figure(_mean(name, runs), MEASURES[name].unit) for name in _OVERVIEW]
        table.add_row(Text(comparison.accounts[label].called(label)), *row)
    return table


def _deciders(comparison: Comparison) -> Table:
    table = _section("All runs together", *ACCOUNTED)
    for label, account in comparison.accounts.items():
        style = "red" if account.foreign else "yellow" if account.stood_in else ""
        rounds, share, left, refused = account.told()
        table.add_row(
            Text(label),
            rounds,
            Text(share, style=style),
            Text(left, style="red" if account.left else ""),
            Text(refused, style="red" if account.refused else ""),
        )
    return table


def _mean(name: str, runs: Sequence[Finding]) -> float | None:
    numbers = [one.measures[name] for one in runs if name in one.measures]
    return sum(numbers) / len(numbers) if numbers else None


def _against(name: str, baseline: str, rows: Sequence[Difference]) -> RenderableType:
    shown = [row for row in rows if row.verdict is not Verdict.SAME]
    columns = ("", "difference", "95 % interval", "") if shown else ()
    table = _section(f"{name}, against {baseline}", *columns)
    for row in shown:
        word = Text(row.verdict.value, style=_STYLE.get(row.verdict, "bright_black"))
        table.add_row(titled(row), *told(row), word)
    return Group(table, *(Text(note, style="bright_black") for note in notes(rows)))
