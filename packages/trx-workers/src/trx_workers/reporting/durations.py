"""A logarithmic axis of time, marked where people expect it."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes

__all__ = ["log_time"]

_UNITS: Final = (
    (1e-3, "ms", (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    (1.0, "s", (1, 2, 5, 10, 20, 30)),
    (60.0, "min", (1, 2, 5, 10, 20, 30)),
    (3_600.0, "h", (1, 2, 5, 10)),
    (86_400.0, "d", (1, 2, 5, 10, 20, 50, 100, 200, 500)),
)
_MARKS: Final = tuple((unit * n, f"{n} {name}") for unit, name, at in _UNITS for n in at)
_COARSE: Final = frozenset(
    f"{n} {unit}"
    for unit, at in {
        "ms": (1, 10, 100),
        "s": (1, 10),
        "min": (1, 10),
        "h": (1, 10),
        "d": (10, 100),
    }.items()
    for n in at
)
_FEWEST: Final = 3
_MOST: Final = 8


def log_time(axes: Axes) -> None:
    """Make the horizontal axis, in seconds, logarithmic, and mark it from ``1 ms`` to ``500 d``:
    at ones and tens if there are enough of them, else more finely."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    fine = [mark for mark in _MARKS if low <= mark[0] <= high]
    coarse = [mark for mark in fine if mark[1] in _COARSE]
    marks = coarse if len(coarse) >= _FEWEST else fine
    shown = marks[:: max(1, -(-len(marks) // _MOST))]
    axes.set_xticks([mark[0] for mark in shown], [mark[1] for mark in shown])
    axes.minorticks_off()
