"""The times of every task, as arrays, and what they come to."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.report.columns import Ending, TaskColumns
from trx_core.report.summary import Distribution, GroupUse

__all__ = ["Samples", "distribution", "group_uses", "jain", "ratio"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_QUANTILES: Final = (0.50, 0.95, 0.99)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A value per task, in the order in which the log names them; NaN where there is none.

    Attributes:
        ending: [N] codes of :class:`~trx_core.report.columns.Ending`.
        enqueued: [N] seconds on the log's clock.
        dispatched: [N] of the first attempt, seconds on the log's clock.
        ended: [N] in whatever way, seconds on the log's clock.
        wait: [N] seconds from acceptance to the first dispatch.
        end_to_end: [N] seconds from acceptance to completion.
        service: [N] seconds that the attempt took which completed the task.
        slowdown: [N] turnaround per service time; NaN where the latter is 0.
        bounded_slowdown: [N] the same with a least service time, and at least 1.
        deadline: [N] seconds on the log's clock.
        late: [N] whether it was not completed by its deadline, if it has one.
    """

    ending: NDArray[np.int8]
    enqueued: Floats
    dispatched: Floats
    ended: Floats
    wait: Floats
    end_to_end: Floats
    service: Floats
    slowdown: Floats
    bounded_slowdown: Floats
    deadline: Floats
    late: Bools

    @classmethod
    def of(cls, tasks: TaskColumns, short: float) -> Samples:
        """The samples that are in the columns of a fold."""
        ending = np.array(tasks.ending)
        enqueued, dispatched, ended, service, deadline = map(np.array, tasks.times)
        done = ending == Ending.COMPLETED
        spent = np.where(done, ended - enqueued, np.nan)
        return cls(
            ending=ending,
            enqueued=enqueued,
            dispatched=dispatched,
            ended=ended,
            wait=dispatched - enqueued,
            end_to_end=spent,
            service=np.where(done, service, np.nan),
            slowdown=spent / np.where(service > 0, service, np.nan),
            bounded_slowdown=np.maximum(1.0, spent / np.maximum(service, short)),
            deadline=deadline,
            late=~(done & (ended <= deadline)),
        )

    def due(self, now: float) -> Bools:
        """[N] whether it has a deadline that has passed by ``now``, or has ended; those that were
        cancelled left out."""
        settled = (self.ending != Ending.OPEN) | (self.deadline <= now)
        due: Bools = ~np.isnan(self.deadline) & settled & (self.ending != Ending.CANCELLED)
        return due


def distribution(sample: Floats) -> Distribution:
    """Mean and quantiles of a sample, NaN left out."""
    known = sample[~np.isnan(sample)]
    if not known.size:
        return Distribution(None, None, None, None)
    return Distribution(float(known.mean()), *np.quantile(known, _QUANTILES).tolist())


def group_uses(
    codes: Mapping[str, int], column: array[int], samples: Samples
) -> tuple[GroupUse, ...]:
    """What became of each group of tasks, by name.

    Args:
        codes: name → number.
        column: [N] number of each task's group, or ``NONE``.
        samples: of the same tasks.
    """
    counted = samples.ending != Ending.CANCELLED
    group = np.where(counted, np.array(column), -1) + 1
    size = len(codes) + 1
    speed = np.nan_to_num(1.0 / samples.slowdown)
    waited = ~np.isnan(samples.wait)
    tasks = np.bincount(group, minlength=size)
    completed = np.bincount(group[samples.ending == Ending.COMPLETED], minlength=size)
    speeds = np.bincount(group, speed, size)
    waits = np.bincount(group[waited], samples.wait[waited], size)
    dispatched = np.bincount(group[waited], minlength=size)
    return tuple(
        GroupUse(
            name=name,
            tasks=int(tasks[at]),
            completed=int(completed[at]),
            wait=ratio(float(waits[at]), float(dispatched[at])),
            speed=float(speeds[at] / tasks[at]),
        )
        for name, code in sorted(codes.items())
        for at in (code + 1,)
        if tasks[at]
    )


def jain(shares: Sequence[float]) -> float | None:
    """Jain's fairness index of what n parties get, 1/n to 1; ``None`` with fewer than two of them
    or if nobody gets anything."""
    if len(shares) < 2:
        return None
    return ratio(sum(shares) ** 2, len(shares) * sum(share * share for share in shares))


def ratio(part: float, whole: float) -> float | None:
    """``part / whole``; ``None`` unless ``whole`` is above 0."""
    return part / whole if whole > 0 else None
