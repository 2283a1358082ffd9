"""Runs of a grid carried out, those that are done left out, and what comes of each setting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from trx_core.errors import TrxError
from trx_core.plugins import Registry
from trx_workers.lab.account import Account, stand_ins, together
from trx_workers.lab.finding import Finding, find
from trx_workers.lab.grid import Cell
from trx_workers.lab.journal import Journal, Kept
from trx_workers.lab.measures import MEASURES, Better
from trx_workers.lab.origins import origins_of
from trx_workers.lab.parallel import find_all
from trx_workers.lab.plan import Plan

__all__ = [
    "Setting",
    "Swept",
    "accounts_by_label",
    "found_or_not",
    "non_dominated",
    "settings_of",
    "swept",
    "troubled",
    "troubles",
]

Found = Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class Setting:
    """One combination of parameters.

    Attributes:
        setting: label of a parameter → value.
        means: measure → its mean over the seeds that have it.
        spreads: measure → its standard deviation over them; 0 with one.
        account: who decided in its runs, and what was left and refused; ``None`` if none came to
            an end.
        failed: why runs came to no end.
        clean: whether every run came to an end, with every task ended and no row refused.
    """

    setting: Mapping[str, Any]
    means: Mapping[str, float]
    spreads: Mapping[str, float]
    account: Account | None
    failed: Sequence[str] = ()
    clean: bool = True

    @property
    def runs(self) -> int:
        """Runs that came to an end."""
        return self.account.runs if self.account else 0

    @property
    def foreign(self) -> bool:
        """Whether the result is first-come-first-served's, or there is none."""
        return self.account is None or self.account.foreign

    @property
    def label(self) -> str:
        """The algorithm, and what else is varied."""
        name, *others = self.setting.items()
        return ", ".join((str(name[1]), *(f"{k.split('.')[-1]} {v}" for k, v in others)))


class Swept(NamedTuple):
    """What came of a grid.

    Attributes:
        found: what came of the runs that came to an end, by key.
        failed: why the others did not.
        again: what has changed since runs were kept, which were therefore done again → how many.
    """

    found: Found
    failed: Mapping[str, TrxError]
    again: Mapping[str, int]


def swept(
    cells: Sequence[Cell],
    journal: Journal,
    registry: Registry,
    *,
    jobs: int,
    backend: str,
    step: Callable[[], None],
) -> Swept:
    """What came of all cells; each run that came to an end is in the journal as soon as it has.

    Args:
        cells: all of them.
        journal: holds those that are done. One that was done with other code, or with a file that
            has changed, is done again.
        registry: the installed plugins.
        jobs: runs at a time; see :func:`~trx_workers.lab.parallel.find_all`.
        backend: what carries them out.
        step: called for each that is done, those of the journal included.

    Raises:
        TrxError: a part of a plan cannot be made.
    """
    origins = _origins(cells, registry)
    found, again = dict(journal.read(cell.key for cell in cells)), Counter[str]()
    for cell in cells:
        if cell.key in found and (changed := found[cell.key].outdated(origins[cell.place])):
            again.update(changed)
            del found[cell.key]
    failed: dict[str, TrxError] = {}
    for _ in found:
        step()
    todo = [cell for cell in cells if cell.key not in found]
    plans = [cell.plan for cell in todo]
    for at, finding in find_all(plans, registry, jobs=jobs, backend=backend, one=found_or_not):
        cell = todo[at]
        if isinstance(finding, TrxError):
            failed[cell.key] = finding
        else:
            kept = Kept(finding.measures, Account.of(finding), origins[cell.place])
            journal.write(cell.key, cell.plan.seed, cell.setting, kept)
            found[cell.key] = kept
        step()
    return Swept(found, failed, again)


def _origins(cells: Sequence[Cell], registry: Registry) -> Mapping[str, Mapping[str, str]]:
    """What each place of the grid depends on."""
    found: dict[str, Mapping[str, str]] = {}
    for cell in cells:
        if cell.place not in found:
            found[cell.place] = origins_of(cell.plan, registry)
    return found


def found_or_not(plan: Plan, registry: Registry) -> Finding | TrxError:
    """What came of a run, or why it came to no end."""
    try:
        return find(plan, registry)
    except TrxError as error:
        return error


def settings_of(cells: Sequence[Cell], swept: Swept) -> list[Setting]:
    """Cells that differ in the seed only, put together."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.place, []).append(cell)
    return [_together(group, swept) for group in groups.values()]


def _together(group: Sequence[Cell], swept: Swept) -> Setting:
    found, failed = swept.found, swept.failed
    runs = [found[cell.key] for cell in group if cell.key in found]
    errors = [str(failed[cell.key]) for cell in group if cell.key in failed]
    numbers = {
        name: [run.measures[name] for run in runs if name in run.measures] for name in MEASURES
    }
    columns = {name: np.array(known) for name, known in numbers.items() if known}
    accounts = [run.account for run in runs]
    return Setting(
        setting=group[0].setting,
        means={name: float(column.mean()) for name, column in columns.items()},
        spreads={
            name: float(column.std(ddof=1)) if column.size > 1 else 0.0
            for name, column in columns.items()
        },
        account=together(accounts) if accounts else None,
        failed=list(dict.fromkeys(errors)),
        clean=not errors and all(account.clean for account in accounts),
    )


def non_dominated(settings: Sequence[Setting], x: str, y: str) -> list[Setting]:
    """Those that no other beats in one of two measures without losing in the other; of settings
    whose algorithm decided itself."""

    def place(one: Setting) -> tuple[float, float]:
        ways = (-1 if MEASURES[name].better == Better.HIGHER else 1 for name in (x, y))
        a, b = (way * one.means[name] for way, name in zip(ways, (x, y), strict=True))
        return a, b

    known = [one for one in settings if {x, y} <= one.means.keys() and not one.foreign]
    places = [place(one) for one in known]
    return [
        one
        for one, (a, b) in zip(known, places, strict=True)
        if not any(c <= a and d <= b and (c, d) != (a, b) for c, d in places)
    ]


def troubled(one: Setting) -> bool:
    """Whether a setting has more to tell than its measures."""
    return not one.clean or (one.account is not None and one.account.stood_in > 0)


def accounts_by_label(settings: Sequence[Setting]) -> dict[str, Account]:
    """Setting → who decided in its runs, of those that came to an end."""
    return {one.label: one.account for one in settings if one.account is not None}


def troubles(settings: Sequence[Setting]) -> Iterator[str]:
    """What went wrong, in sentences."""
    yield from stand_ins(accounts_by_label(settings))
    for one in settings:
        for error in one.failed:
            yield f"No result of a run of {one.label}: {error}"
