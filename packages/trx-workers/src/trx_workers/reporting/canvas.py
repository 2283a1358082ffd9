"""Plots as SVG text, in one style."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["COLOURS", "INK", "colour", "drawn", "line", "tidy"]

INK: Final = "#24303c"
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a6a58")
"""Told apart by the colour-blind too (M. Okabe and K. Ito, 2008)."""
_DASHES: Final = ((0, ()), (0, (6, 2.5)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))
_STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": "#9aa5b1",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "grid.color": "#e4e8ec",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "text.color": INK,
    "xtick.color": "#5b6772",
    "ytick.color": "#5b6772",
}


_ID: Final = re.compile(r' id="([^"]+)"')
_REFERENCE: Final = re.compile(r'(?:href="#|url\(#)([^")]+)')


def colour(number: int) -> str:
    """The colour of the n-th algorithm."""
    return COLOURS[number % len(COLOURS)]


def line(number: int) -> dict[str, Any]:
    """The style of the n-th algorithm's line: one that lies below another shows between its
    dashes."""
    return {"color": colour(number), "ls": _DASHES[number % len(_DASHES)]}


def drawn(
    name: str,
    draw: Callable[[Figure, Sequence[Axes]], None],
    *,
    size: tuple[float, float],
    rows: int = 1,
    columns: int = 1,
    **more: Any,
) -> str:
    """An SVG element.

    Args:
        name: unlike that of any other plot of the page: it keeps their ids apart.
        draw: fills the axes, row by row.
        size: width and height, inches.
        rows: of axes.
        columns: of axes.
        more: for :meth:`matplotlib.figure.Figure.subplots`.
    """
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=size)
        axes = figure.subplots(rows, columns, squeeze=False, **more)
        draw(figure, list(axes.flat))
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return _apart(svg[svg.index("<svg") :], name)


def _apart(svg: str, name: str) -> str:
    """The same with ids that no other plot of the page has, and none that nothing refers to."""
    used = set(_REFERENCE.findall(svg))
    kept = _ID.sub(lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", svg)
    return kept.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")


def tidy(axes: Axes, title: str, x: str, y: str) -> None:
    """Name the axes, and put the grid behind."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_axisbelow(True)
