"""Measures and differences as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from trx_core.report.figures import DASH
from trx_workers.lab.comparison import Comparison, Difference, Unit, Verdict
from trx_workers.lab.measures import MEASURES

__all__ = ["basis", "figure", "findings", "headed", "notes", "relative", "titled", "told"]

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
    if number is None:
        return DASH
    scale, name = _scale(number, unit)
    return f"{_plain(number * scale)} {'' if unit == 'money' else name}".rstrip()


def headed(name: str) -> str:
    """The title of a measure above or beside its :func:`figure`."""
    measure = MEASURES[name]
    return f"{measure.title}, money" if measure.unit == "money" else measure.title


def titled(row: Difference) -> str:
    """What a row is about, and the unit that :func:`told` tells it in."""
    measure = MEASURES[row.measure]
    _, name = _scale(max(abs(row.base), abs(row.mean)), measure.unit)
    return f"{measure.title}, {name}".removesuffix(", ")


def told(row: Difference) -> tuple[str, str, str]:
    """The baseline's mean, the difference from it, and its interval, all in one unit."""
    scale, _ = _scale(max(abs(row.base), abs(row.mean)), MEASURES[row.measure].unit)
    between = DASH
    if row.interval is not None:
        between = " … ".join(_signed(end * scale) for end in row.interval[:2])
    return _plain(row.base * scale), _signed(row.difference * scale), between


def relative(row: Difference) -> str:
    """The difference in percent of the baseline; how many times it is, if it is many times."""
    if not row.base:
        return DASH
    if abs(row.difference) >= _MANY * abs(row.base):
        return f"{_plain(row.mean / row.base)} times"
    return f"{_signed(100 * row.difference / abs(row.base))} %"


def basis(comparison: Comparison, *, trace: bool) -> str:
    """What the intervals rest on, and what they do not cover."""
    tests = (
        f"Intervals hold 95 % each (symmetric bootstrap-t). A difference counts as "
        f"significant at 5 % after Holm's correction for the number of comparisons, "
        f"{comparison.family} here, so an interval may leave out 0 and yet claim nothing."
    )
    if not comparison.family:
        tests = ""
    if comparison.unit is Unit.SEED:
        luck = (
            "the traffic is the same recording in all of them, so the intervals cover luck in "
            "service and failures, and no other traffic"
            if trace
            else "all algorithms see the same traffic and the same luck"
        )
        few = f" {comparison.pairs} seeds are few; more claim more." * (comparison.pairs < _FEW)
        return f"Paired by seed, {comparison.pairs} runs each: {luck}. {tests}{few}".rstrip()
    return (
        f"Every seed gives the same, so runs are paired by {comparison.pairs} stretches of "
        f"consecutive tasks: what is claimed holds for more of the same traffic. {tests}".rstrip()
    )


def findings(comparison: Comparison) -> Iterator[str]:
    """The claims, in sentences."""
    base = comparison.baseline
    for name, rows in comparison.differences.items():
        for word in (Verdict.BETTER, Verdict.WORSE, Verdict.DIFFERENT):
            claims = [
                f"{MEASURES[row.measure].title} {relative(row) if row.base else _absolute(row)}"
                for row in rows
                if row.verdict is word
            ]
            if claims:
                yield f"{name} is {word} than {base}: {'; '.join(claims)}."
        silent = _titles(row for row in rows if row.verdict is Verdict.UNCERTAIN)
        if silent:
            yield f"{name} and {base} do not differ significantly in {silent}."


def notes(rows: Sequence[Difference]) -> Iterator[str]:
    """Why nothing is claimed of some measures, and which are the same."""
    for why in dict.fromkeys(row.why for row in rows if row.why):
        yield f"No claim on {_titles(row for row in rows if row.why == why)}: {why}."
    same = _titles(row for row in rows if row.verdict is Verdict.SAME)
    if same:
        yield f"The same in every run: {same}."


def _absolute(row: Difference) -> str:
    """The difference in its unit, from a baseline of 0."""
    return f"{'+' if row.difference >= 0 else MINUS}" + figure(
        abs(row.difference), MEASURES[row.measure].unit
    )


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
