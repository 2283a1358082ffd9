"""What the lane's loop did, for the report and in the words of the schedule log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_core.engine import Deed, Simulators
from trx_core.kernel import Settlement
from trx_core.models import Attempt, Outcome, Task, WorkerPool
from trx_core.policy import Verdict
from trx_core.report import Fold
from trx_core.report.batch import Closed
from trx_core.report.columns import NONE, Ending
from trx_workers.lab.lane.codes import ACCEPTED, STARTED
from trx_workers.lab.lane.coverage import Course
from trx_workers.lab.lane.draws import ERRORS, REASONS, VERDICTS

__all__ = ["Done", "deeds", "report"]

Ints = NDArray[np.int64]

_ENDINGS: Final = np.array([Ending.COMPLETED, Ending.OPEN, Ending.FAILED])


class Done(NamedTuple):
    """What was done, as the loop tells it.

    Attributes:
        kind: [E] what each entry of the log tells of.
        whose: [E] which task, or which attempt.
        draw: [A] of each attempt, in the order in which they started.
        pool: [A] index.
        start: [A] seconds.
        end: [A] seconds.
    """

    kind: NDArray[np.int8]
    whose: Ints
    draw: Ints
    pool: Ints
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def report(
    fold: Fold,
    course: Course,
    done: Done,
    tasks: Sequence[Task],
    pools: Sequence[WorkerPool],
    algorithm: str,
) -> None:
    """Have a fold take it in."""
    rows = fold.accept(tasks)
    attempt = done.whose[done.kind > STARTED]
    if not attempt.size:
        return
    draws, draw, pool = course.draws, done.draw[attempt], done.pool[attempt]
    task = draws.task[draw]
    fold.close(
        Closed(
            row=rows[task],
            pool=_numbered(fold.pool_code, [one.name for one in pools], pool),
            algorithm=np.full(attempt.size, fold.algorithms.code(algorithm)),
            slots=np.ones(attempt.size, dtype=np.int64),
            number=draws.number[draw],
            placed_at=done.start[attempt],
            ended=done.end[attempt],
            cost=draws.cost[pool, draw],
            ending=_ENDINGS[draws.verdict[pool, draw]],
            reason=_numbered(
                fold.reasons.code, [str(one) for one in REASONS], draws.reason[pool, draw]
            ),
        )
    )


def deeds(
    course: Course,
    done: Done,
    tasks: Sequence[Task],
    pools: Sequence[WorkerPool],
    algorithm: str,
    simulators: Simulators,
) -> Iterator[Deed]:
    """The same as values, in order. What a failure says of itself, its simulator is asked again."""
    draws = course.draws
    for kind, whose in zip(done.kind.tolist(), done.whose.tolist(), strict=True):
        if kind == ACCEPTED:
            yield tasks[whose]
            continue
        draw, at = int(done.draw[whose]), int(done.pool[whose])
        task, start, end = tasks[draws.task[draw]], float(done.start[whose]), float(done.end[whose])
        attempt = Attempt(task, pools[at], int(draws.number[draw]), algorithm, start)
        if kind == STARTED:
            yield attempt
            continue
        verdict, reason = VERDICTS[draws.verdict[at, draw]], int(draws.reason[at, draw])
        outcome = Outcome(float(draws.latency[at, draw]), True, float(draws.cost[at, draw]))
        if verdict is not Verdict.COMPLETED:
            detail = simulators.sample(attempt, start).detail
            error = ERRORS[draws.error[at, draw]]
            outcome = outcome._replace(success=False, error=error, detail=detail)
        yield Settlement(
            attempt,
            outcome,
            end,
            verdict,
            end + float(draws.delay[draw]) if verdict is Verdict.RETRY else None,
            None if reason == NONE else REASONS[reason],
        )


def _numbered(
    code: Callable[[str], int], names: Sequence[str], chosen: NDArray[np.integer]
) -> Ints:
    """Numbers of the names that are chosen by index, in the order in which they are met."""
    found, first = np.unique(chosen, return_index=True)
    table = np.full(len(names) + 1, NONE)
    for at in found[np.argsort(first)].tolist():
        if at != NONE:
            table[at] = code(names[at])
    numbered: Ints = table[chosen]
    return numbered
