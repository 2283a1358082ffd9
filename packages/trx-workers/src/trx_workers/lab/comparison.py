"""Algorithms on the same traffic with the same luck: how they differ, and what may be claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_workers.lab.account import Account, accounts_of
from trx_workers.lab.bootstrap import LEVEL, Interval, adjacent, alike, holm, paired
from trx_workers.lab.finding import BLOCKS, Finding
from trx_workers.lab.measures import MEASURES, TESTED, Better

__all__ = [
    "FEWEST",
    "Comparison",
    "Difference",
    "Pairing",
    "Unit",
    "Verdict",
    "compare",
    "seeds_matter",
]

Floats = NDArray[np.float64]
Found = Mapping[str, Sequence[Finding]]

FEWEST: Final = 5
"""Pairs below which nothing is claimed."""
THIN: Final = 20
"""Tasks per block, on average, below which nothing is claimed."""
_FOREIGN: Final = "first come, first served decided in the place of {}"
_FEW_DIFFER: Final = "it differs in too few pairs, each a {}, to be judged"
_ONE_VALUE: Final = "one run has one value of it: take several seeds"
_SAME_VALUE: Final = "every seed gives one and the same value of it, so chance cannot be judged"
DEPENDENT: Final = 1.645 / np.sqrt(BLOCKS)
"""Correlation of neighbouring blocks that chance exceeds once in twenty times."""


class Unit(StrEnum):
    """What the differences are paired by."""

    SEED = "seed"
    BLOCK = "block"


_WORD: Final = {Unit.SEED: "seed", Unit.BLOCK: "stretch"}


class Verdict(StrEnum):
    """What may be said of a difference."""

    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"
    UNCERTAIN = "not significant"
    SAME = "the same"
    UNCLAIMED = "no claim"


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one algorithm, less that of the baseline.

    Attributes:
        measure: its name.
        base: the baseline's mean over the seeds that both have it in; ``None`` where it has none.
        mean: this algorithm's mean over them; ``None`` where it has none.
        interval: of ``mean - base``; ``None`` where none can be had.
        p: adjusted for all comparisons of the table; ``None`` without an interval.
        verdict: what may be said.
        why: why nothing is claimed; ``""`` if something is.
        missing: seeds left out because one of the two has no value of it there.
    """

    measure: str
    base: float | None
    mean: float | None
    interval: Interval | None
    p: float | None
    verdict: Verdict
    why: str = ""
    missing: int = 0

    @property
    def difference(self) -> float | None:
        """``mean - base``."""
        return None if self.mean is None or self.base is None else self.mean - self.base

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "measure": self.measure,
            "unit": MEASURES[self.measure].unit,
            "baseline": self.base,
            "mean": self.mean,
            "difference": self.difference,
            "low": self.interval.low if self.interval else None,
            "high": self.interval.high if self.interval else None,
            "p_holm": self.p,
            "verdict": self.verdict.value,
            "why": self.why,
            "seeds_left_out": self.missing,
        }


class Pairing(NamedTuple):
    """How the runs of an algorithm and of the baseline are paired.

    Attributes:
        unit: by what.
        pairs: how many.
    """

    unit: Unit
    pairs: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every algorithm against the baseline.

    Attributes:
        baseline: its label.
        pairings: algorithm → how it was paired with the baseline.
        accounts: every algorithm, the baseline included → who decided its rounds, and what was
            left.
        family: comparisons that the p-values are adjusted for.
        differences: algorithm → its differences.
    """

    baseline: str
    pairings: Mapping[str, Pairing]
    accounts: Mapping[str, Account]
    family: int
    differences: Mapping[str, Sequence[Difference]]

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "baseline": self.baseline,
            "pairings": {
                name: {"paired_by": pairing.unit.value, "pairs": pairing.pairs}
                for name, pairing in self.pairings.items()
            },
            "accounts": {name: account.to_dict() for name, account in self.accounts.items()},
            "confidence_level": LEVEL,
            "adjusted_for": self.family,
            "algorithms": {
                name: [one.to_dict() for one in found] for name, found in self.differences.items()
            },
        }


def compare(
    found: Found, baseline: str, *, measures: Sequence[str] = TESTED, seed: int = 0
) -> Comparison:
    """Compare every algorithm with ``baseline``, each for itself.

    Where a seed makes a difference to one of the two the pairs are the seeds that both have:
    independent replications with common random numbers. With one seed, or if none makes a
    difference (a recorded trace with recorded service times), the pairs are :data:`BLOCKS`
    stretches of consecutive tasks, for measures that are means over tasks, and what is said holds
    for more of the same traffic only (non-overlapping batch means: B. Schmeiser, "Batch size
    effects in the analysis of simulation output", Oper. Res. 30, 1982).

    Of an algorithm whose rounds first-come-first-served decided for the most part nothing is
    claimed, nor against it: the result is not its own.

    Args:
        found: algorithm → its findings, one per seed.
        baseline: one of the algorithms.
        measures: names of what to compare; what neither of two has is left out.
        seed: of the resampling.
    """
    accounts = accounts_of(found)
    pairings: dict[str, Pairing] = {}
    rows: list[tuple[str, Difference]] = []
    for name, findings in found.items():
        if name == baseline:
            continue
        foreign = [label for label in (baseline, name) if accounts[label].foreign]
        two = _Two(
            found[baseline], findings, _FOREIGN.format(" and ".join(foreign)) if foreign else ""
        )
        pairings[name] = two.pairing
        rows += [
            (name, two.difference(key, np.random.default_rng(seed)))
            for key in measures
            if two.has(key)
        ]
    values = {at: row.interval.p for at, (_, row) in enumerate(rows) if row.interval is not None}
    adjusted = dict(zip(values, holm(list(values.values())), strict=True))
    differences: dict[str, list[Difference]] = {name: [] for name in pairings}
    for at, (name, row) in enumerate(rows):
        differences[name].append(_judged(row, adjusted[at]) if at in adjusted else row)
    return Comparison(baseline, pairings, accounts, len(values), differences)


def seeds_matter(found: Found) -> bool:
    """Whether there are seeds, and any run differs from that of another seed."""
    steady = [name for name, measure in MEASURES.items() if measure.steady]
    return any(
        one.measures.get(name) != findings[0].measures.get(name)
        for findings in found.values()
        for one in findings[1:]
        for name in steady
    )


class _Two:
    """The runs of the baseline and of another algorithm, paired by seed; ``silent`` says why
    nothing may be claimed of them."""

    def __init__(self, base: Sequence[Finding], other: Sequence[Finding], silent: str) -> None:
        self._base, self._other, self._silent = base, other, silent
        of_seed = {one.plan.seed: one for one in other}
        self._pairs = [(one, of_seed[one.plan.seed]) for one in base if one.plan.seed in of_seed]
        mine = [[pair[side] for pair in self._pairs] for side in (0, 1)]
        self._unit = Unit.SEED if seeds_matter({"": mine[0], " ": mine[1]}) else Unit.BLOCK

    @property
    def pairing(self) -> Pairing:
        """How they are paired."""
        return Pairing(self._unit, len(self._pairs) if self._unit is Unit.SEED else BLOCKS)

    def has(self, key: str) -> bool:
        """Whether any run has a value of a measure."""
        return any(key in one.measures for one in (*self._base, *self._other))

    def difference(self, key: str, rng: np.random.Generator) -> Difference:
        """Of one measure, before the p-values are adjusted."""
        both = [(a, b) for a, b in self._pairs if key in a.measures and key in b.measures]
        if not both:
            means = (_mean(key, self._base), _mean(key, self._other))
            return Difference(key, *means, None, None, Verdict.UNCLAIMED, self._why_none(*means))
        before, after = (np.array([pair[side].measures[key] for pair in both]) for side in (0, 1))
        base, mean, missing = (
            float(before.mean()),
            float(after.mean()),
            len(self._pairs) - len(both),
        )

        def found(verdict: Verdict, why: str = "", interval: Interval | None = None) -> Difference:
            return Difference(key, base, mean, interval, None, verdict, why, missing)

        if np.allclose(before, after, rtol=1e-12, atol=0.0):
            return found(Verdict.SAME)
        if self._silent:
            return found(Verdict.UNCLAIMED, self._silent)
        if not MEASURES[key].steady:
            return found(Verdict.UNCLAIMED, "it depends on the machine")
        if self._unit is Unit.SEED:
            gaps, why = after - before, _too_few(len(both))
        else:
            gaps, why = _block_gaps(key, *both[0], seeds=len(both))
        why = why or _degenerate(gaps, self._unit)
        interval = None if why else paired(gaps, rng)
        if interval is None:
            return found(Verdict.UNCLAIMED, why or _FEW_DIFFER.format(_WORD[self._unit]))
        shift = mean - base - float(gaps.mean())
        moved = Interval(interval.low + shift, interval.high + shift, interval.p)
        return found(Verdict.UNCERTAIN, interval=moved)

    def _why_none(self, base: float | None, mean: float | None) -> str:
        if base is None or mean is None:
            return f"{'the baseline' if base is None else 'the other'} has no value of it"
        return "no seed has a value of it with both" if self._pairs else "they share no seed"


def _mean(key: str, findings: Sequence[Finding]) -> float | None:
    values = [one.measures[key] for one in findings if key in one.measures]
    return float(np.mean(values)) if values else None


def _too_few(seeds: int) -> str:
    if seeds >= FEWEST:
        return ""
    return f"{seeds} {'seed is' if seeds == 1 else 'seeds are'} too few: take {FEWEST} or more"


def _degenerate(gaps: Floats, unit: Unit) -> str:
    """Why no resampling of ``gaps`` tells what chance may do; "" if one may."""
    if not np.isfinite(gaps).all():
        return f"it is not a finite number in every {_WORD[unit]}, so it cannot be judged"
    if alike(gaps):
        return (
            f"it differs by the same in every {_WORD[unit]}, so what chance may do cannot be judged"
        )
    return ""


def _block_gaps(key: str, base: Finding, other: Finding, *, seeds: int) -> tuple[Floats, str]:
    """Differences of the blocks' means, or why they say nothing; all ``seeds`` give the same."""
    none = np.empty(0)
    if MEASURES[key].per_task is None:
        return none, _ONE_VALUE if seeds == 1 else _SAME_VALUE
    gaps = other.blocks[key] - base.blocks[key]
    tasks = min(one.summary.accepted for one in (base, other))
    if tasks < THIN * BLOCKS:
        return none, f"{tasks} tasks are too few: take {THIN * BLOCKS} or more"
    if np.isnan(gaps).any():
        return none, "some stretches of the run have no value of it"
    if adjacent(gaps) > DEPENDENT:
        return none, "neighbouring stretches of the run depend on each other: take a longer one"
    return gaps, ""


def _judged(row: Difference, p: float) -> Difference:
    better, gap = MEASURES[row.measure].better, row.difference
    assert gap is not None
    if p > 1 - LEVEL:
        verdict = Verdict.UNCERTAIN
    elif better == Better.NEITHER:
        verdict = Verdict.DIFFERENT
    else:
        verdict = Verdict.BETTER if gap * better > 0 else Verdict.WORSE
    return replace(row, p=p, verdict=verdict)
