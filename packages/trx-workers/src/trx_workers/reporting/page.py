"""A report as one HTML file with no outside resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from trx_core.report.figures import DASH, count
from trx_workers.lab.account import Account, accounts_of, stand_ins, together
from trx_workers.lab.comparison import Comparison, Difference, Verdict
from trx_workers.lab.finding import Finding
from trx_workers.lab.measures import MEASURES
from trx_workers.lab.sweep import Setting, accounts_by_label, troubles
from trx_workers.lab.wording import (
    ACCOUNTED,
    basis,
    figure,
    figures,
    findings,
    headed,
    notes,
    nothing,
    relative,
    titled,
    told,
)
from trx_workers.reporting import plots

__all__ = ["comparison_page", "run_page", "sweep_page"]

Found = Mapping[str, Sequence[Finding]]
_SHOWN = ("wait_mean", "wait_p95", "turnaround_p99", "utilisation", "success", "deadline_misses")
"""Measures of a sweep's table, beside those of its front: as many as a page is wide."""


def comparison_page(title: str, found: Found, comparison: Comparison) -> str:
    """The report of ``trx compare``."""
    trace = next(iter(found.values()))[0].plan.traffic.trace is not None
    return _page(
        title=title,
        claims=list(findings(comparison)),
        nothing=nothing(comparison),
        basis=basis(comparison, trace=trace),
        forest=plots.differences(comparison),
        against=[
            (
                name,
                [_row(row) for row in rows if row.verdict is not Verdict.SAME],
                list(notes(rows)),
            )
            for name, rows in comparison.differences.items()
        ],
        baseline=comparison.baseline,
        **_common(found),
    )


def run_page(title: str, finding: Finding) -> str:
    """The report of ``trx simulate``."""
    return _page(title=title, **_common({finding.plan.label: [finding]}))


def sweep_page(
    title: str,
    settings: Sequence[Setting],
    best: Sequence[Setting],
    x: str,
    y: str,
    *,
    short: float,
) -> str:
    """The report of ``trx sweep``; ``short`` as of :class:`~trx_workers.lab.plan.Plan`."""
    groups = {name: at for at, name in enumerate(dict.fromkeys(map(_algorithm, settings)))}
    points = [
        plots.Point(
            _called(one),
            one.means[x],
            one.means[y],
            one.spreads[x],
            one.spreads[y],
            groups[_algorithm(one)],
            one in best,
        )
        for one in settings
        if x in one.means and y in one.means
    ]
    shown = [
        name
        for name in dict.fromkeys((x, y, *_SHOWN))
        if any(name in one.means for one in settings)
    ]
    columns = [
        figures([one.means.get(name) for one in settings], MEASURES[name].unit) for name in shown
    ]
    return _page(
        title=title,
        front=plots.front(points, *map(_axis, (x, y))) if points else "",
        front_note=f"{len(best)} of {len(settings)} settings are on the front.",
        labels=[headed(name) for name in shown],
        rows=[
            (f"{_called(one)}{' *' if one in best else ''}", cells)
            for one, *cells in zip(settings, *columns, strict=True)
        ],
        accounted=ACCOUNTED,
        accounts=[
            (label, account.told()) for label, account in accounts_by_label(settings).items()
        ],
        stand_ins=list(troubles(settings)),
        short=f"{short:g}",
    )


def _called(one: Setting) -> str:
    return one.account.called(one.label) if one.account else one.label


def _algorithm(one: Setting) -> str:
    return str(one.setting["algorithm"])


def _axis(name: str) -> str:
    return f"{MEASURES[name].title}, {MEASURES[name].unit}".removesuffix(", ")


def _page(**values: Any) -> str:
    source = resources.files("trx_workers.reporting").joinpath("page.html.j2")
    loaded = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return loaded.from_string(source.read_text(encoding="utf-8")).render(values)


def _common(found: Found) -> dict[str, Any]:
    first = next(iter(found.values()))[0]
    accounts = accounts_of(found)
    return {
        "facts": _facts(found),
        "rows": _rows(found),
        "labels": [account.called(label) for label, account in accounts.items()],
        "accounted": ACCOUNTED,
        "accounts": [(label, account.told()) for label, account in accounts.items()],
        "stand_ins": stand_ins(accounts),
        "front": _front(found) if len(found) > 1 else "",
        "cdfs": plots.cdfs(found),
        "timeline": plots.timeline(found),
        "heat": plots.heat_maps(found),
        "pools": _pools(found),
        "short": f"{first.plan.short:g}",
        "seed": first.plan.seed,
    }


def _facts(found: Found) -> list[tuple[str, str]]:
    first = next(iter(found.values()))[0]
    plan, fleet = first.plan, first.fleet
    traffic = plan.traffic
    params = ", ".join(f"{k}={v}" for k, v in traffic.params.items())
    slots = sum(pool.capacity for pool in fleet.pools)
    size = f"{_many(len(fleet.pools), 'pool')}, {_many(slots, 'slot')}"
    facts = [
        ("Traffic", traffic.trace.name if traffic.trace else f"{traffic.scenario}, generated"),
        ("Parameters", params),
        (
            "Load",
            "" if traffic.load == 1 else f"{traffic.load:g} times as fast as recorded or generated",
        ),
        ("Tasks", count(first.summary.accepted)),
        ("Time covered", figure(first.summary.span, "s")),
        (
            "Fleet",
            f"{size} ({_fleet_name(plan.pools)})",
        ),
        ("Kernel", ", ".join(f"{k}={v}" for k, v in plan.kernel.items())),
        ("Runs", f"{len(next(iter(found.values())))} of each algorithm"),
        ("Rows that could not be read", count(first.malformed) if first.malformed else ""),
        ("Rows that were refused", count(first.refused) if first.refused else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _fleet_name(pools: Path | None) -> str:
    return pools.name if pools else "the built-in fleet"


def _means(runs: Sequence[Finding]) -> dict[str, float]:
    return {
        name: float(np.mean(numbers))
        for name in MEASURES
        for numbers in ([one.measures[name] for one in runs if name in one.measures],)
        if numbers
    }


def _rows(found: Found) -> list[tuple[str, list[str]]]:
    """Measure by measure, the mean of every algorithm."""
    means = {label: _means(runs) for label, runs in found.items()}
    return [
        (headed(name), figures([mean.get(name) for mean in means.values()], measure.unit))
        for name, measure in MEASURES.items()
        if any(name in mean for mean in means.values())
    ]


def _front(found: Found) -> str:
    points = []
    for number, (label, runs) in enumerate(found.items()):
        pairs = np.array(
            [
                (one.measures["cost"], one.measures["turnaround_mean"])
                for one in runs
                if {"cost", "turnaround_mean"} <= one.measures.keys()
            ]
        )
        if pairs.size:
            x, y = (float(f"{value:.9g}") for value in pairs.mean(axis=0))
            spread = pairs.std(axis=0, ddof=1).tolist() if len(pairs) > 1 else (0.0, 0.0)
            account = together(map(Account.of, runs))
            point = plots.Point(account.called(label), x, y, spread[0], spread[1], number)
            points.append(point._replace(own=not account.foreign))
    if not points:
        return ""
    points = plots.with_front(points)
    return plots.front(points, "cost per task done, money", "mean turnaround, s")


def _pools(found: Found) -> list[tuple[str, str, list[str]]]:
    """Pool by pool, its mean utilisation with every algorithm."""
    shares: dict[str, list[str]] = {}
    for runs in found.values():
        for at, pool in enumerate(runs[0].summary.pools):
            used = [u for one in runs if (u := one.summary.pools[at].utilisation) is not None]
            share = figure(float(np.mean(used)), "share") if used else DASH
            shares.setdefault(pool.name, []).append(share)
    first = next(iter(found.values()))[0]
    slots = {pool.name: count(pool.capacity) for pool in first.summary.pools}
    return [(name, slots.get(name, DASH), found_) for name, found_ in shares.items()]


def _row(row: Difference) -> dict[str, str]:
    base, difference, between = told(row)
    kind = {Verdict.BETTER: "good", Verdict.WORSE: "bad"}.get(row.verdict, "plain")
    return {
        "title": titled(row),
        "base": base,
        "difference": difference,
        "relative": relative(row),
        "between": between,
        "verdict": row.verdict.value,
        "kind": kind,
    }
