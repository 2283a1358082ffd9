"""What a run comes to, as numbers that runs can be compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.errors import CallerError
from trx_core.report import Distribution, Samples
from trx_core.report.samples import ratio
from trx_workers.lab.run import LabRun

__all__ = ["MEASURES", "TESTED", "Better", "Measure", "measures_named"]

Floats = NDArray[np.float64]


class Better:
    """Which way is better."""

    LOWER: Final = -1
    HIGHER: Final = 1
    NEITHER: Final = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a run.

    Attributes:
        title: for people.
        unit: ``s``, ``money``, ``share`` (0 to 1), or another; ``""``: a ratio or an index.
        better: one of :class:`Better`.
        of: the number; ``None`` where the run has none.
        per_task: [N] the values of which it is the mean, NaN where a task has none; ``None`` if it
            is no mean over tasks.
        steady: whether the same seed gives the same number.
    """

    title: str
    unit: str
    better: int
    of: Callable[[LabRun], float | None]
    per_task: Callable[[Samples], Floats] | None = None
    steady: bool = True


def _missed(samples: Samples) -> Floats:
    return np.where(np.isnan(samples.deadline), np.nan, samples.late.astype(np.float64))


def _table(*rows: tuple[str, Measure]) -> Mapping[str, Measure]:
    return dict(rows)


_TIMES: Final = (
    ("wait", "wait", "s"),
    ("turnaround", "end_to_end", "s"),
    ("slowdown", "slowdown", ""),
    ("bounded_slowdown", "bounded_slowdown", ""),
)
"""Name, attribute of the summary and of the samples, and unit of what each task has one of."""


def _of_each_task() -> Iterator[tuple[str, Measure]]:
    """The mean and the quantiles of each."""
    for name, attribute, unit in _TIMES:
        for figure in Distribution._fields:
            of = attrgetter(f"summary.{attribute}.{figure}")
            title = f"{figure} {name.replace('_', ' ')}"
            per_task = attrgetter(attribute) if figure == "mean" else None
            yield f"{name}_{figure}", Measure(title, unit, Better.LOWER, of, per_task)


MEASURES: Final[Mapping[str, Measure]] = _table(
    *_of_each_task(),
    (
        "throughput",
        Measure("throughput", "tasks/s", Better.HIGHER, lambda r: r.summary.throughput),
    ),
    (
        "utilisation",
        Measure("utilisation", "share", Better.NEITHER, lambda r: r.summary.utilisation),
    ),
    (
        "cost",
        Measure(
            "cost per task done",
            "money",
            Better.LOWER,
            lambda r: ratio(r.summary.cost, r.summary.completed),
        ),
    ),
    (
        "success",
        Measure(
            "completed",
            "share",
            Better.HIGHER,
            lambda r: ratio(r.summary.completed, r.summary.accepted),
        ),
    ),
    (
        "retries",
        Measure(
            "retries per task",
            "",
            Better.LOWER,
            lambda r: ratio(r.summary.retries, r.summary.accepted),
        ),
    ),
    (
        "dead_letters",
        Measure(
            "dead letters",
            "share",
            Better.LOWER,
            lambda r: ratio(r.summary.failed, r.summary.accepted),
        ),
    ),
    (
        "deadline_misses",
        Measure(
            "deadlines missed",
            "share",
            Better.LOWER,
            lambda r: ratio(r.summary.deadline_misses, r.summary.deadlines),
            _missed,
        ),
    ),
    (
        "tenant_fairness",
        Measure("fairness of tenants", "", Better.HIGHER, lambda r: r.summary.tenant_fairness),
    ),
    (
        "region_fairness",
        Measure("fairness of regions", "", Better.HIGHER, lambda r: r.summary.region_fairness),
    ),
    (
        "regret",
        Measure(
            "regret per round",
            "money",
            Better.LOWER,
            lambda r: r.regret.per_round().mean if r.regret else None,
        ),
    ),
    (
        "decision",
        Measure(
            "decision per round",
            "s",
            Better.LOWER,
            lambda r: r.decision.mean,
            steady=False,
        ),
    ),
)
"""By name, in the order in which they are shown."""

TESTED: Final = (
    "wait_mean",
    "wait_p95",
    "turnaround_mean",
    "turnaround_p99",
    "bounded_slowdown_mean",
    "cost",
    "success",
    "deadline_misses",
    "tenant_fairness",
    "region_fairness",
    "regret",
)
"""What is compared unless asked otherwise: the more is tested, the less of it is significant."""


def measures_named(names: Sequence[str]) -> tuple[str, ...]:
    """The names, checked; by default :data:`TESTED`.

    Raises:
        CallerError: ``TRX-C154``, there is no measure of a name.
    """
    for name in names:
        if name not in MEASURES:
            raise CallerError(
                f"there is no measure {name!r}.",
                code="TRX-C154",
                hint=f"The measures are {', '.join(MEASURES)}.",
            )
    return tuple(dict.fromkeys(names)) or TESTED
