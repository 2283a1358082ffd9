"""The plots of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from trx_core.models import WorkerPool
from trx_workers.lab.comparison import Comparison, Difference, Verdict
from trx_workers.lab.finding import LEVELS, Finding
from trx_workers.lab.measures import MEASURES
from trx_workers.reporting.canvas import INK, colour, drawn, line, tidy
from trx_workers.reporting.durations import log_time

__all__ = ["Point", "cdfs", "differences", "front", "heat_maps", "timeline", "with_front"]

Found = Mapping[str, Sequence[Finding]]
Floats = NDArray[np.float64]

_WIDE: Final = 10.0
_SPANS: Final = ((120.0, 1.0, "s"), (7_200.0, 60.0, "min"), (172_800.0, 3_600.0, "h"))
_DAYS: Final = (86_400.0, "days")
_LEAST: Final = 1e-3
_SHOWN: Final = 40
"""Pools in a heat map, at most."""
_LINE: Final = 13.0
"""Height of a label, points."""
_LETTER: Final = 6.0
"""Width of a letter of a label, points."""
_WRAPPED: Final = 48
"""Letters of a label in one line, at most."""
_NEAR: Final = 3.0
"""Points, of a plot, that are less apart from each other, in points of print, look like one."""
_HALO: Final = (withStroke(linewidth=3, foreground="white"),)
_NAMED: Final = 24
"""Points that are named in a plot, at most."""
_CURVES: Final = (
    ("wait", "Waiting", "from arrival to start"),
    ("end_to_end", "Turnaround", "from arrival to completion"),
)
_TINT: Final = {Verdict.BETTER: "#1a7f37", Verdict.WORSE: "#b42318"}


class Point(NamedTuple):
    """One way of running things in a plot of one measure against another; ``own``: decided by the
    algorithm that it is called after."""

    label: str
    x: float
    y: float
    x_spread: float = 0.0
    y_spread: float = 0.0
    group: int = 0
    best: bool = False
    own: bool = True


def timeline(found: Found) -> str:
    """Tasks waiting, and completions against arrivals, over time; of the first seed."""
    first = {label: runs[0].timeline for label, runs in found.items()}
    unit, name = _span_unit(max(float(run.edges[-1]) for run in first.values()))

    def draw(figure: Figure, axes: Sequence[Axes]) -> None:
        above, below = axes
        for number, (label, run) in enumerate(first.items()):
            middle = (run.edges[:-1] + run.edges[1:]) / 2 / unit
            above.plot(middle, run.waiting, **line(number), label=label)
            below.plot(middle, run.completed * unit, **line(number))
            if number == 0:
                below.fill_between(
                    middle, run.arrived * unit, color="#c3ccd5", alpha=0.6, lw=0, label="arrivals"
                )
        tidy(above, "Tasks waiting", "", "tasks")
        tidy(below, "Completions", f"time, {name}", f"tasks per {name.removesuffix('s') or 's'}")
        for one in axes:
            one.set_ylim(bottom=0)
            one.margins(x=0)
        below.legend(loc="lower right", bbox_to_anchor=(1, 0.96))
        if len(first) > 1:
            above.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=min(len(first), 4))

    return drawn("timeline", draw, size=(_WIDE, 5.2), rows=2, sharex=True)


def cdfs(found: Found) -> str:
    """Distribution functions of waiting and turnaround times; quantiles are means over seeds."""

    def draw(figure: Figure, axes: Sequence[Axes]) -> None:
        for one, (key, title, x) in zip(axes, _CURVES, strict=True):
            for number, (label, runs) in enumerate(found.items()):
                curve = np.mean([run.curves[key] for run in runs], axis=0)
                if not np.isnan(curve).all():
                    shown = np.maximum(curve, _LEAST)
                    one.plot(shown, LEVELS, **line(number), label=label)
            log_time(one)
            one.set_ylim(0, 1.01)
            one.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
            tidy(one, title, x, "share of tasks" if one is axes[0] else "")
        if len(found) > 1:
            handles, labels = axes[-1].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=min(len(found), 4))

    return drawn("cdfs", draw, size=(_WIDE, 4.0), columns=2)


def heat_maps(found: Found) -> str:
    """Share of each pool's slots that is occupied, over time; of the first seed."""
    first = {label: runs[0] for label, runs in found.items()}
    pools = _largest(next(iter(first.values())))
    unit, name = _span_unit(max(float(run.timeline.edges[-1]) for run in first.values()))
    height = max(1.6, 0.26 * len(pools) + 0.7)

    def draw(figure: Figure, axes: Sequence[Axes]) -> None:
        image: Any = None
        for one, (label, run) in zip(axes, first.items(), strict=True):
            over = run.timeline
            blank = np.zeros(over.edges.size - 1)
            rows = dict(zip(over.pools, over.occupied, strict=True))
            shares = np.array([rows.get(p.name, blank) / p.capacity for p in pools])
            image = one.pcolormesh(
                over.edges / unit,
                np.arange(len(pools) + 1),
                shares,
                cmap="YlGnBu",
                vmin=0,
                vmax=1,
                rasterized=True,
            )
            one.set_yticks(np.arange(len(pools)) + 0.5, [pool.name for pool in pools])
            one.invert_yaxis()
            one.grid(False)
            tidy(one, label, "", "")
        axes[-1].set_xlabel(f"time, {name}")
        bar = figure.colorbar(image, ax=list(axes), aspect=8 * len(first), pad=0.01)
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        bar.outline.set_visible(False)

    return drawn("heat", draw, size=(_WIDE, height * len(first)), rows=len(first), sharex=True)


def _largest(run: Finding) -> list[WorkerPool]:
    """The pools with the most slots, as many as can be told apart, in the fleet's order."""
    pools = [pool for pool in run.fleet.pools if pool.capacity]
    large = sorted(pools, key=lambda pool: -pool.capacity)[:_SHOWN]
    return [pool for pool in pools if pool in large]


def front(points: Sequence[Point], x: str, y: str) -> str:
    """One measure against another, and the front that joins the best."""
    if y.endswith(", s"):
        unit, name = _span_unit(max(point.y for point in points))
        points = [p._replace(y=p.y / unit, y_spread=p.y_spread / unit) for p in points]
        y = f"{y.removesuffix('s')}{name}"
    best = [point for point in points if point.best]

    def draw(figure: Figure, axes: Sequence[Axes]) -> None:
        (one,) = axes
        for point in points:
            one.errorbar(
                point.x,
                point.y,
                xerr=point.x_spread or None,
                yerr=point.y_spread or None,
                fmt="o",
                ms=7,
                color=colour(point.group),
                ecolor=colour(point.group),
                elinewidth=1,
                alpha=1.0 if point.best else 0.45,
            )
        ways = sorted(best, key=lambda point: point.x)
        one.plot([p.x for p in ways], [p.y for p in ways], ls="--", lw=1, color=INK, zorder=0)
        one.margins(0.14)
        tidy(one, "", x, y)
        _name(figure, one, points if len(points) <= _NAMED else ways)

    return drawn("front", draw, size=(_WIDE, 4.2))


def _name(figure: Figure, axes: Axes, points: Sequence[Point]) -> None:
    """Write above each point what it is called, one name for all that look like one point, and
    clear of the names that stand there already."""
    figure.draw_without_rendering()
    taken: list[tuple[float, float, float, float]] = []
    for point, x, y in _apart(figure, axes, points):
        lines = wrap(point.label, _WRAPPED, break_on_hyphens=False)
        wide, high = _LETTER * max(map(len, lines)), _LINE * len(lines)
        up = y + 5.0
        while any(
            x < right and left < x + wide and up < top and low < up + high
            for left, right, low, top in taken
        ):
            up += 1.0
        taken.append((x, x + wide, up, up + high))
        axes.annotate(
            "\n".join(lines),
            (point.x, point.y),
            xytext=(8, up - y),
            textcoords="offset points",
            path_effects=_HALO,
        )


def _apart(figure: Figure, axes: Axes, points: Sequence[Point]) -> list[tuple[Point, float, float]]:
    """Points that can be told apart, the lowest first, each with its place in points of print; one
    is called after all that lie where it does."""
    placed: list[tuple[Point, float, float]] = []
    for point in sorted(points, key=lambda point: point.y):
        x, y = (72.0 / figure.dpi) * axes.transData.transform((point.x, point.y))
        for at, (other, a, b) in enumerate(placed):
            if np.hypot(x - a, y - b) < _NEAR:
                placed[at] = (other._replace(label=f"{other.label}, {point.label}"), a, b)
                break
        else:
            placed.append((point, float(x), float(y)))
    return placed


def with_front(points: Sequence[Point]) -> list[Point]:
    """The same, with those marked that no other beats in one measure without losing in the other,
    less being better; of those that are their algorithm's own."""
    return [
        one._replace(
            best=one.own
            and not any(
                other.x <= one.x and other.y <= one.y and (other.x, other.y) != (one.x, one.y)
                for other in points
                if other.own
            )
        )
        for one in points
    ]


def differences(comparison: Comparison) -> str:
    """Differences and their intervals, in percent of the baseline; "" if there is none."""
    rows = [
        (name, row)
        for name, found in comparison.differences.items()
        for row in found
        if row.interval is not None and row.base
    ]
    if not rows:
        return ""
    names = list(dict.fromkeys(name for name, _ in rows))
    measures = list(dict.fromkeys(row.measure for _, row in rows))

    def draw(figure: Figure, axes: Sequence[Axes]) -> None:
        for one, name in zip(axes, names, strict=True):
            mine = {row.measure: row for of, row in rows if of == name}
            for place, measure in enumerate(measures):
                if measure in mine:
                    _interval(one, place, mine[measure])
            one.axvline(0, color=INK, lw=1)
            one.set_yticks(range(len(measures)), [MEASURES[m].title for m in measures])
            one.set_ylim(len(measures) - 0.5, -0.5)
            one.xaxis.set_major_formatter(lambda value, _: f"{value:+g} %" if value else "0 %")
            one.margins(x=0.08)
            tidy(one, f"{name}, against {comparison.baseline}", "", "")
            one.tick_params(axis="y", length=0)

    height = 0.9 + 0.3 * len(measures)
    return drawn("differences", draw, size=(_WIDE, height * len(names)), rows=len(names))


def _interval(axes: Axes, place: int, row: Difference) -> None:
    assert row.interval is not None and row.base is not None and row.difference is not None
    scale = 100 / abs(row.base)
    tint = _TINT.get(row.verdict, "#8a94a0")
    low, high = row.interval.low * scale, row.interval.high * scale
    axes.plot((low, high), (place, place), color=tint, lw=3, solid_capstyle="round", alpha=0.55)
    axes.plot(row.difference * scale, place, "o", color=tint, ms=6)


def _span_unit(seconds: float) -> tuple[float, str]:
    return next(((unit, name) for limit, unit, name in _SPANS if seconds < limit), _DAYS)
