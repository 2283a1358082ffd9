"""A comparison on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from trx_workers.lab.comparison import Comparison, Difference, Verdict
from trx_workers.lab.figure_table import Column, FigureTable
from trx_workers.lab.finding import Finding
from trx_workers.lab.measures import MEASURES
from trx_workers.lab.wording import (
    ACCOUNTED,
    basis,
    figures,
    findings,
    headed,
    notes,
    nothing,
    titled,
    told,
)

__all__ = ["render_comparison"]

_STYLE: Final = {Verdict.BETTER: "bold green", Verdict.WORSE: "bold red"}
_OVERVIEW: Final = ("wait_mean", "turnaround_mean", "turnaround_p99", "cost", "success", "decision")
_TOLD: Final = ("", "difference", "95 % interval")


def render_comparison(
    title: str, found: Mapping[str, Sequence[Finding]], comparison: Comparison
) -> RenderableType:
    """The means of all algorithms, then each against the baseline."""
    trace = next(iter(found.values()))[0].plan.traffic.trace is not None
    sections: list[RenderableType] = [_overview(found, comparison), _deciders(comparison)]
    sections += [
        _against(name, comparison.baseline, rows) for name, rows in comparison.differences.items()
    ]
    claims = "\n".join(findings(comparison)) or nothing(comparison)
    sections.append(Text(claims))
    sections.append(Text(basis(comparison, trace=trace), style="bright_black"))
    return Group(Text(title, style="bold"), *(Padding(one, (1, 0, 0, 1)) for one in sections))


def _overview(found: Mapping[str, Sequence[Finding]], comparison: Comparison) -> RenderableType:
    labels = [Text(comparison.accounts[label].called(label)) for label in found]
    columns = []
    for name in _OVERVIEW:
        means = [_mean(name, runs) for runs in found.values()]
        columns.append(_column(headed(name), figures(means, MEASURES[name].unit)))
    return FigureTable("Means of the runs", labels, columns)


def _deciders(comparison: Comparison) -> RenderableType:
    rows = []
    for account in comparison.accounts.values():
        style = "red" if account.foreign else "yellow" if account.stood_in else ""
        rounds, share, left, refused = account.told()
        rows.append(
            (
                Text(rounds),
                Text(share, style=style),
                Text(left, style="red" if account.left else ""),
                Text(refused, style="red" if account.refused else ""),
            )
        )
    columns = [Column(*each) for each in zip(ACCOUNTED, zip(*rows, strict=True), strict=True)]
    return FigureTable("All runs together", [Text(label) for label in comparison.accounts], columns)


def _column(title: str, cells: Iterable[str]) -> Column:
    return Column(title, [Text(cell) for cell in cells])


def _mean(name: str, runs: Sequence[Finding]) -> float | None:
    numbers = [one.measures[name] for one in runs if name in one.measures]
    return sum(numbers) / len(numbers) if numbers else None


def _against(name: str, baseline: str, rows: Sequence[Difference]) -> RenderableType:
    shown = [row for row in rows if row.verdict is not Verdict.SAME]
    heading = f"{name}, against {baseline}"
    said = [Text(note, style="bright_black") for note in notes(rows)]
    if not shown:
        return Group(Text(heading, style="bold cyan"), *said)
    numbers = zip(*map(told, shown), strict=True)
    columns = [_column(*each) for each in zip(_TOLD, numbers, strict=True)]
    words = [
        Text(row.verdict.value, style=_STYLE.get(row.verdict, "bright_black")) for row in shown
    ]
    labels = [Text(titled(row)) for row in shown]
    return Group(FigureTable(heading, labels, [*columns, Column("", words)]), *said)
