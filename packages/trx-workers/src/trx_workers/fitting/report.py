"""How well a fit is, as a table in the terminal and as one HTML file with no outside resources."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from rich.text import Text

from trx_workers.fitting.history import History
from trx_workers.fitting.laws import FAR, LawFit
from trx_workers.fitting.model import FleetFit, Part
from trx_workers.lab.figure_table import Column, FigureTable
from trx_workers.simulators.fitted import Law, TypeFit

__all__ = ["as_dict", "as_html", "as_table"]

COLUMNS: Final = ("pool", "task type", "attempts", "success", "law", "mean, s", "fit", "distance")

WIDE: Final = 0.2
"""Band from which on a distance within it says nothing: that of 46 successes or fewer."""

HEAD: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>How well the fleet fits</title><style>
body { font: 15px/1.5 system-ui, sans-serif; color: #24303c; max-width: 72rem; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
th, td { white-space: nowrap; text-align: left; padding: .3rem .6rem;
  border-bottom: 1px solid #e4e8ec; }
svg { width: 100%; height: auto; }
.doubt { background: #fff4e5; padding: .4rem .8rem; border-left: 4px solid #e69f00; }
h2 { margin-top: 2.2rem; font-size: 1.1rem; }
</style></head><body>
"""

NOTE: Final = (
    "<p>Distance is that of Kolmogorov and Smirnov between the measured service times and those of "
    "the simulator; samples of the very law stay below the band in 95 of 100 cases. Parameters are "
    "fitted to the same samples, which makes distances somewhat smaller than they would be on new "
    f"ones. Where the band is wider than {WIDE:g}, as it is with 46 successes or fewer, a distance "
    "within it tells nothing: too few to tell.</p>\n"
)


def as_table(found: FleetFit) -> FigureTable:
    """One row for every task type on every pool."""
    rows = [_row(part) for part in found.parts]
    columns = [
        Column(name, [Text(row[at]) for row in rows]) for at, name in enumerate(COLUMNS) if at > 1
    ]
    return FigureTable(
        "Fitted pools", [Text(f"{pool}, {kind}") for pool, kind, *_ in rows], columns
    )


def as_html(found: FleetFit, history: History, source: str) -> str:
    """The report, with a plot for every task type on every pool."""
    from trx_workers.fitting.plots import plot

    lines = [HEAD, f"<h1>Fitted to {escape(source)}</h1>\n"]
    lines.append(
        f"<p>{history.attempts:,} attempts that ended, on {len(found.fleet.pools)} pools.</p>\n"
    )
    lines += [f'<p class="doubt">{escape(warning)}</p>\n' for warning in found.warnings]
    lines.append("<table><tr>" + "".join(f"<th>{name}</th>" for name in COLUMNS) + "</tr>\n")
    for part in found.parts:
        lines.append("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in _row(part)) + "</tr>\n")
    lines += ["</table>\n", NOTE]
    for number, part in enumerate(found.parts):
        if part.law is not None:
            lines.append(f"<h2>{escape(part.pool)}, {escape(part.type)}</h2>\n")
            lines.append(f"<p>{escape(_said(part))}</p>\n{plot(part, number)}\n")
    return "".join([*lines, "</body></html>\n"])


def as_dict(found: FleetFit, history: History) -> dict[str, Any]:
    """The report as JSON has it."""
    return {
        "attempts": history.attempts,
        "malformed_rows": history.faults.count,
        "warnings": list(found.warnings),
        "parts": [
            {
                "pool": part.pool,
                "type": part.type,
                "attempts": part.attempts,
                "succeeded": part.succeeded,
                "errors": dict(part.errors),
                "fit": part.fit.model_dump(mode="json", exclude_defaults=True),
                "ks": None if part.law is None else part.law.ks,
                "band": None if part.law is None else part.law.band,
            }
            for part in found.parts
        ],
    }


def _row(part: Part) -> tuple[str, ...]:
    success = f"{part.fit.success:.1%}"
    if part.law is None:
        said = "no success" if part.attempts else "no history"
        return (part.pool, part.type, f"{part.attempts:,}", success, said, "", "", "")
    return (
        part.pool,
        part.type,
        f"{part.attempts:,}",
        success,
        _law(part.fit),
        _mean(part.fit),
        _verdict(part.law),
        f"{part.law.ks:.3f} (band {part.law.band:.3f})",
    )


def _verdict(law: LawFit) -> str:
    if law.fit.law is Law.EMPIRICAL:
        return "as measured"
    if law.ks <= law.band:
        return "too few to tell" if law.band > WIDE else "good"
    return "fair" if law.ks <= FAR else "poor"


def _law(fit: TypeFit) -> str:
    shape = {
        Law.LOGNORMAL: f", cv {fit.cv:.2f}",
        Law.GAMMA: f", cv {fit.cv:.2f}",
        Law.WEIBULL: f", shape {fit.shape:.2f}",
    }
    return f"{fit.law}{shape.get(fit.law, '')}"


def _mean(fit: TypeFit) -> str:
    return f"{fit.mean:.3g}" + (f" + {fit.per_cost:.3g} · cost" if fit.per_cost else "")


def _said(part: Part) -> str:
    return " ".join(_sentences(part))


def _sentences(part: Part) -> Iterator[str]:
    assert part.law is not None
    yield f"{part.attempts:,} attempts, {part.succeeded:,} of them successful."
    for kind, count in part.errors.items():
        yield f"{kind}: {count:,}."
    tried = [
        f"{one.law}{' with cost' if one.scaled else ''} {one.aic:,.0f}"
        for one in part.law.candidates
    ]
    yield f"AIC, less is better: {', '.join(tried)}."
