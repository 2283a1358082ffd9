"""Measures and differences as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from trx_core.report.figures import DASH
from trx_workers.lab.account import stand_ins
from trx_workers.lab.comparison import Comparison, Difference, Unit, Verdict
from trx_workers.lab.measures import MEASURES

__all__ = [
    "ACCOUNTED",
    "basis",
    "figure",
    "figures",
    "findings",
    "headed",
    "notes",
    "nothing",
    "relative",
    "titled",
    "told",
]

ACCOUNTED: Final = ("rounds", "decided by first come, first served", "tasks left", "rows refused")
"""What :meth:`~trx_workers.lab.account.Account.told` tells."""

MINUS: Final = "\N{MINUS SIGN}"
_DIGITS: Final = 3
_MANY: Final = 10
_FEW: Final = 10
_SCALES: Final = ((1.0, 1e3, "ms"), (600.0, 1.0, "s"), (36_000.0, 1 / 60, "min"))
_LARGEST: Final = (1 / 3600, "h")
_LEAST_TIME: Final = 1e-9


def figure(number: float | None, unit: str) -> str:
    """A number in its unit, which :class:`~trx_workers.lab.measures.Measure` has, unless that is
    ``money``, which :func:`headed` tells; ``None``: a dash."""
    return figures([number], unit)[0]


def figures(numbers: Sequence[float | None], unit: str) -> list[str]:
    """What :func:`figure` tells of each, all in the unit that suits the largest."""
    largest = max((abs(number) for number in numbers if number is not None), default=0.0)
    scale, name = _scale(largest, unit)
    shown = "" if unit == "money" else name
    return [DASH if one is None else f"{_plain(one * scale)} {shown}".rstrip() for one in numbers]


def headed(name: str) -> str:
    """The title of a measure above or beside its :func:`figure`."""
    measure = MEASURES[name]
    return f"{measure.title}, money" if measure.unit == "money" else measure.title


def titled(row: Difference) -> str:
    """What a row is about, and the unit that :func:`told` tells it in."""
    measure = MEASURES[row.measure]
    _, name = _scale(_larger(row), measure.unit)
    return f"{measure.title}, {name}".removesuffix(", ")


def told(row: Difference) -> tuple[str, str, str]:
    """The baseline's mean, the difference from it, and its interval, all in one unit."""
    scale, _ = _scale(_larger(row), MEASURES[row.measure].unit)
    between = DASH
    if row.interval is not None:
        between = " … ".join(_signed(end * scale) for end in row.interval[:2])
    base = DASH if row.base is None else _plain(row.base * scale)
    gap = DASH if row.difference is None else _signed(row.difference * scale)
    return base, gap, between


def relative(row: Difference) -> str:
    """The difference in percent of the baseline; how many times it is, if it is many times."""
    if not row.base or row.mean is None or row.difference is None:
        return DASH
    if abs(row.difference) >= _MANY * abs(row.base):
        return f"{_plain(row.mean / row.base)} times"
    return f"{_signed(100 * row.difference / abs(row.base))} %"


def basis(comparison: Comparison, *, trace: bool) -> str:
    """What the intervals rest on, and what they do not cover."""
    pairings = comparison.pairings
    kinds = dict.fromkeys(pairing.unit for pairing in pairings.values())
    told = []
    for unit in kinds:
        mine = {name: each.pairs for name, each in pairings.items() if each.unit is unit}
        whom = "" if len(kinds) == 1 else f"{', '.join(mine)} with {comparison.baseline}: "
        told.append(whom + _PAIRED[unit](_span(mine.values()), trace))
        few = min(mine.values())
        if unit is Unit.SEED and few < _FEW:
            told.append(f"{few} {'seed is' if few == 1 else 'seeds are'} few; more claim more.")
    if comparison.family:
        told.append(
            "Intervals hold 95 % each (symmetric bootstrap-t). A difference counts as "
            "significant at 5 % after Holm's correction for the number of comparisons, "
            f"{comparison.family} here, so an interval may leave out 0 and yet claim nothing."
        )
    return " ".join(told)


def _by_seed(pairs: str, trace: bool) -> str:
    luck = (
        "the traffic is the same recording in all of them, so the intervals cover luck in "
        "service and failures, and no other traffic"
        if trace
        else "both see the same traffic and the same luck"
    )
    return f"Paired by seed, {pairs} runs each: {luck}."


def _by_stretch(pairs: str, trace: bool) -> str:
    return (
        f"Every seed gives the same, so runs are paired by {pairs} stretches of "
        "consecutive tasks: what is claimed holds for more of the same traffic."
    )


_PAIRED: Final = {Unit.SEED: _by_seed, Unit.BLOCK: _by_stretch}


def _span(numbers: Iterable[int]) -> str:
    least, *_, most = sorted((*numbers,) * 2)
    return f"{least}" if least == most else f"{least} to {most}"


_CLAIMED: Final = {
    Verdict.BETTER: "better than",
    Verdict.WORSE: "worse than",
    Verdict.DIFFERENT: "different from",
}


def findings(comparison: Comparison) -> Iterator[str]:
    """Who decided instead of an algorithm, and the claims, in sentences."""
    yield from stand_ins(comparison.accounts)
    base = comparison.baseline
    for name, rows in comparison.differences.items():
        for verdict, words in _CLAIMED.items():
            claims = [
                f"{MEASURES[row.measure].title} {relative(row) if row.base else _absolute(row)}"
                for row in rows
                if row.verdict is verdict
            ]
            if claims:
                yield f"{name} is {words} {base}: {'; '.join(claims)}."
        silent = _titles(row for row in rows if row.verdict is Verdict.UNCERTAIN)
        if silent:
            yield f"{name} and {base} do not differ significantly in {silent}."


def nothing(comparison: Comparison) -> str:
    """What stands in the place of :func:`findings` if there is none."""
    rows = [row for found in comparison.differences.values() for row in found]
    if rows and all(row.verdict is Verdict.SAME for row in rows):
        return "No difference: every measure is the same in every run."
    return "Nothing can be claimed from these runs."


def notes(rows: Sequence[Difference]) -> Iterator[str]:
    """Why nothing is claimed of some measures, and which are the same."""
    for why in dict.fromkeys(row.why for row in rows if row.why):
        yield f"No claim on {_titles(row for row in rows if row.why == why)}: {why}."
    for missing in sorted({row.missing for row in rows if row.missing}):
        seeds = f"{missing} {'seed is' if missing == 1 else 'seeds are'}"
        titles = _titles(row for row in rows if row.missing == missing)
        yield f"Of {titles} {seeds} left out, where one of the two has no value of it."
    same = _titles(row for row in rows if row.verdict is Verdict.SAME)
    if same:
        yield f"The same in every run: {same}."


def _absolute(row: Difference) -> str:
    """The difference in its unit, from a baseline of 0."""
    gap = row.difference
    if gap is None:
        return DASH
    return f"{'+' if gap >= 0 else MINUS}" + figure(abs(gap), MEASURES[row.measure].unit)


def _larger(row: Difference) -> float:
    return max(abs(row.base or 0.0), abs(row.mean or 0.0))


def _titles(rows: Iterable[Difference]) -> str:
    return ", ".join(MEASURES[row.measure].title for row in rows)


def _scale(number: float, unit: str) -> tuple[float, str]:
    if unit == "share":
        return 100.0, "%"
    if unit != "s" or abs(number) < _LEAST_TIME:
        return 1.0, unit
    return next(
        ((factor, name) for limit, factor, name in _SCALES if abs(number) < limit), _LARGEST
    )


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10**_DIGITS else f"{value:.{_DIGITS}g}"


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else MINUS}{_plain(abs(value))}"
