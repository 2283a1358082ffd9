"""Algorithms on the same traffic with the same luck: how they differ, and what may be claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trx_workers.lab.bootstrap import LEVEL, Interval, adjacent, holm, paired
from trx_workers.lab.finding import BLOCKS, Finding
from trx_workers.lab.measures import MEASURES, TESTED, Better

__all__ = ["FEWEST", "Comparison", "Difference", "Unit", "Verdict", "compare", "seeds_matter"]

Floats = NDArray[np.float64]
Found = Mapping[str, Sequence[Finding]]

FEWEST: Final = 5
"""Pairs below which nothing is claimed."""
THIN: Final = 20
"""Tasks per block, on average, below which nothing is claimed."""
DEPENDENT: Final = 1.645 / np.sqrt(BLOCKS)
"""Correlation of neighbouring blocks that chance exceeds once in twenty times."""


class Unit(StrEnum):
    """What the differences are paired by."""

    SEED = "seed"
    BLOCK = "block"


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
        base: the baseline's mean over seeds.
        mean: this algorithm's mean over seeds.
        interval: of ``mean - base``; ``None`` where none can be had.
        p: adjusted for all comparisons of the table; ``None`` without an interval.
        verdict: what may be said.
        why: why nothing is claimed; ``""`` if something is.
    """

    measure: str
    base: float
    mean: float
    interval: Interval | None
    p: float | None
    verdict: Verdict
    why: str = ""

    @property
    def difference(self) -> float:
        """``mean - base``."""
        return self.mean - self.base

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
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every algorithm against the baseline.

    Attributes:
        baseline: its label.
        unit: what was paired.
        pairs: how many.
        family: comparisons that the p-values are adjusted for.
        differences: algorithm → its differences.
    """

    baseline: str
    unit: Unit
    pairs: int
    family: int
    differences: Mapping[str, Sequence[Difference]]

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "baseline": self.baseline,
            "paired_by": self.unit.value,
            "pairs": self.pairs,
            "confidence_level": LEVEL,
            "adjusted_for": self.family,
            "algorithms": {
                name: [one.to_dict() for one in found] for name, found in self.differences.items()
            },
        }


def compare(
    found: Found, baseline: str, *, measures: Sequence[str] = TESTED, seed: int = 0
) -> Comparison:
    """Compare every algorithm with ``baseline``.

    With several seeds the pairs are the seeds: independent replications with common random numbers.
    With one, or if no seed makes a difference (a recorded trace with recorded service times), the
    pairs are :data:`BLOCKS` stretches of consecutive tasks, for measures that are means over tasks,
    and what is said holds for more of the same traffic only (non-overlapping batch means: B.
    Schmeiser, "Batch size effects in the analysis of simulation output", Oper. Res. 30, 1982).

    Args:
        found: algorithm → its findings, one per seed, in the same order of seeds.
        baseline: one of the algorithms.
        measures: names of what to compare; what a run does not have is left out.
        seed: of the resampling.
    """
    base = found[baseline]
    unit = Unit.SEED if seeds_matter(found) else Unit.BLOCK
    rows: list[tuple[str, Difference]] = []
    for name, findings in found.items():
        if name != baseline:
            rows += [
                (name, _difference(key, base, findings, unit, np.random.default_rng(seed)))
                for key in measures
                if all(key in one.measures for one in (*base, *findings))
            ]
    values = {at: row.interval.p for at, (_, row) in enumerate(rows) if row.interval is not None}
    adjusted = dict(zip(values, holm(list(values.values())), strict=True))
    differences: dict[str, list[Difference]] = {name: [] for name in found if name != baseline}
    for at, (name, row) in enumerate(rows):
        differences[name].append(_judged(row, adjusted[at]) if at in adjusted else row)
    pairs = BLOCKS if unit is Unit.BLOCK else len(base)
    return Comparison(baseline, unit, pairs, len(values), differences)


def seeds_matter(found: Found) -> bool:
    """Whether there are seeds, and any run differs from that of another seed."""
    steady = [name for name, measure in MEASURES.items() if measure.steady]
    return any(
        one.measures.get(name) != findings[0].measures.get(name)
        for findings in found.values()
        for one in findings[1:]
        for name in steady
    )


def _difference(
    key: str,
    base: Sequence[Finding],
    other: Sequence[Finding],
    unit: Unit,
    rng: np.random.Generator,
) -> Difference:
    before = np.array([one.measures[key] for one in base])
    after = np.array([one.measures[key] for one in other])
    means = (key, float(before.mean()), float(after.mean()))
    if np.allclose(before, after, rtol=1e-12, atol=0.0):
        return Difference(*means, None, None, Verdict.SAME)
    if not MEASURES[key].steady:
        return Difference(*means, None, None, Verdict.UNCLAIMED, "it depends on the machine")
    if unit is Unit.SEED:
        gaps, why = after - before, ""
        if gaps.size < FEWEST:
            why = f"{gaps.size} seeds are too few: take {FEWEST} or more"
    else:
        gaps, why = _block_gaps(key, base[0], other[0])
    if why:
        return Difference(*means, None, None, Verdict.UNCLAIMED, why)
    interval = paired(gaps, rng)
    if not np.isfinite(interval.low):
        return Difference(
            *means, None, None, Verdict.UNCLAIMED, f"too few {unit}s make a difference"
        )
    shift = means[2] - means[1] - float(gaps.mean())
    interval = Interval(interval.low + shift, interval.high + shift, interval.p)
    return Difference(*means, interval, None, Verdict.UNCERTAIN)


def _block_gaps(key: str, base: Finding, other: Finding) -> tuple[Floats, str]:
    """Differences of the blocks' means, or why they say nothing."""
    none = np.empty(0)
    if MEASURES[key].per_task is None:
        return none, "one run has one value of it: take a scenario and several seeds"
    gaps = other.blocks[key] - base.blocks[key]
    if base.summary.accepted < THIN * BLOCKS:
        return none, f"{base.summary.accepted} tasks are too few: take {THIN * BLOCKS} or more"
    if np.isnan(gaps).any():
        return none, "some stretches of the run have no value of it"
    if adjacent(gaps) > DEPENDENT:
        return none, "neighbouring stretches of the run depend on each other: take a longer one"
    return gaps, ""


def _judged(row: Difference, p: float) -> Difference:
    better = MEASURES[row.measure].better
    if p > 1 - LEVEL:
        verdict = Verdict.UNCERTAIN
    elif better == Better.NEITHER:
        verdict = Verdict.DIFFERENT
    else:
        verdict = Verdict.BETTER if row.difference * better > 0 else Verdict.WORSE
    return Difference(row.measure, row.base, row.mean, row.interval, p, verdict)
