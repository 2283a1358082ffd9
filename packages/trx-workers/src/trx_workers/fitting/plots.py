"""How well the laws fit, drawn: distribution functions and quantiles against quantiles."""

from __future__ import annotations

import io
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trx_workers.fitting.laws import LawFit
from trx_workers.fitting.model import Part
from trx_workers.simulators.fitted import stretch_of

__all__ = ["plot"]

MEASURED: Final = "#0072b2"
FITTED: Final = "#d55e00"
MOST: Final = 400
STYLE: Final[dict[Any, Any]] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "grid.color": "#e4e8ec",
    "legend.frameon": False,
    "svg.fonttype": "none",
}


def plot(part: Part, number: int) -> str:
    """An SVG element: on the left both distribution functions, on the right the QQ plot."""
    assert part.law is not None
    with mpl.rc_context({**STYLE, "svg.hashsalt": str(number)}):
        figure = Figure(figsize=(8.4, 3.1))
        left, right = figure.subplots(1, 2)
        unit, scale = ("seconds", part.fit.mean) if not part.fit.per_cost else ("times the mean", 1)
        _functions(left, part.law, scale, unit)
        _quantiles(right, part.law, scale, unit)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def _functions(axes: Axes, law: LawFit, scale: float, unit: str) -> None:
    count = len(law.stretches)
    shares = np.arange(1, count + 1) / count
    kept = _kept(count)
    grid = (np.arange(500) + 0.5) / 500
    quantile = stretch_of(law.fit)
    model = np.array([quantile(float(u)) for u in grid])
    axes.step(law.stretches[kept] * scale, shares[kept], where="post", color=MEASURED)
    axes.plot(model * scale, grid, color=FITTED, linestyle="--")
    axes.legend(["measured", f"fitted: {law.fit.law}"], loc="lower right")
    axes.set_xlim(0, float(np.quantile(law.stretches, 0.995)) * scale * 1.05)
    axes.set_ylim(0, 1)
    axes.set_title(f"distribution function (distance {law.ks:.3f}, 95 % band {law.band:.3f})")
    axes.set_xlabel(unit)


def _quantiles(axes: Axes, law: LawFit, scale: float, unit: str) -> None:
    count = len(law.stretches)
    kept = _kept(count)
    quantile = stretch_of(law.fit)
    model = np.array([quantile((int(n) + 0.5) / count) for n in kept])
    measured = law.stretches[kept]
    most = float(max(model[-1], measured[-1])) * scale * 1.03
    axes.plot([0, most], [0, most], color="#9aa5b1", linewidth=1)
    axes.plot(model * scale, measured * scale, ".", color=MEASURED, markersize=4)
    axes.set_xlim(0, most)
    axes.set_ylim(0, most)
    axes.set_title("quantiles against quantiles")
    axes.set_xlabel(f"fitted, {unit}")
    axes.set_ylabel(f"measured, {unit}")


def _kept(count: int) -> np.typing.NDArray[np.int64]:
    """Of many samples some, and the largest ones all."""
    tail = max(0, count - 20)
    body = np.linspace(0, tail, min(MOST, tail + 1)).astype(np.int64)
    return np.unique(np.concatenate([body, np.arange(tail, count)]))
