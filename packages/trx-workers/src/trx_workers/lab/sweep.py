"""Runs of a grid carried out, those that are done left out, and what comes of each setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trx_core.plugins import Registry
from trx_workers.lab.grid import Cell
from trx_workers.lab.journal import Journal
from trx_workers.lab.measures import MEASURES, Better
from trx_workers.lab.parallel import find_all

__all__ = ["Setting", "non_dominated", "settings_of", "swept"]

Measured = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One combination of parameters.

    Attributes:
        setting: label of a parameter → value.
        means: measure → its mean over the seeds that have it.
        spreads: measure → its standard deviation over them; 0 with one.
        runs: how many.
    """

    setting: Mapping[str, Any]
    means: Mapping[str, float]
    spreads: Mapping[str, float]
    runs: int

    @property
    def label(self) -> str:
        """The algorithm, and what else is varied."""
        name, *others = self.setting.items()
        return ", ".join((str(name[1]), *(f"{k.split('.')[-1]} {v}" for k, v in others)))


def swept(
    cells: Sequence[Cell],
    journal: Journal,
    registry: Registry,
    *,
    jobs: int,
    backend: str,
    step: Callable[[], None],
) -> Measured:
    """The measures of all cells, by key; each is in the journal as soon as it is known.

    Args:
        cells: all of them.
        journal: holds those that are done.
        registry: the installed plugins.
        jobs: runs at a time; see :func:`~trx_workers.lab.parallel.find_all`.
        backend: what carries them out.
        step: called for each that is done, those of the journal included.
    """
    found: dict[str, Mapping[str, float]] = dict(journal.read(cell.key for cell in cells))
    for _ in found:
        step()
    todo = [cell for cell in cells if cell.key not in found]
    plans = [cell.plan for cell in todo]
    for at, finding in find_all(plans, registry, jobs=jobs, backend=backend):
        cell = todo[at]
        journal.write(cell.key, cell.plan.seed, cell.setting, finding.measures)
        found[cell.key] = finding.measures
        step()
    return found


def settings_of(cells: Sequence[Cell], found: Measured) -> list[Setting]:
    """Cells that differ in the seed only, put together."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(repr(sorted(cell.setting.items(), key=str)), []).append(cell)
    return [_together(group, found) for group in groups.values()]


def _together(group: Sequence[Cell], found: Measured) -> Setting:
    runs = [found[cell.key] for cell in group]
    numbers = {name: [run[name] for run in runs if name in run] for name in MEASURES}
    columns = {name: np.array(known) for name, known in numbers.items() if known}
    return Setting(
        setting=group[0].setting,
        means={name: float(column.mean()) for name, column in columns.items()},
        spreads={
            name: float(column.std(ddof=1)) if column.size > 1 else 0.0
            for name, column in columns.items()
        },
        runs=len(group),
    )


def non_dominated(settings: Sequence[Setting], x: str, y: str) -> list[Setting]:
    """Those that no other beats in one of two measures without losing in the other."""

    def place(one: Setting) -> tuple[float, float]:
        ways = (-1 if MEASURES[name].better == Better.HIGHER else 1 for name in (x, y))
        a, b = (way * one.means[name] for way, name in zip(ways, (x, y), strict=True))
        return a, b

    known = [one for one in settings if x in one.means and y in one.means]
    places = [place(one) for one in known]
    return [
        one
        for one, (a, b) in zip(known, places, strict=True)
        if not any(c <= a and d <= b and (c, d) != (a, b) for c, d in places)
    ]
