"""What every attempt would come to, drawn before the run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_core.engine import Simulators
from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_core.policy import DeadReason, RetryPolicy, Verdict, judge
from trx_core.protocols import Samples
from trx_core.randomness import KeyedRandom, Purpose

__all__ = ["ERRORS", "REASONS", "VERDICTS", "Draws", "draw_all"]

VERDICTS: Final = (Verdict.COMPLETED, Verdict.RETRY, Verdict.DEAD)
ERRORS: Final = tuple(ErrorKind)
REASONS: Final = tuple(DeadReason)
_NONE: Final = -1

_Codes = NDArray[np.int8]
_Columns = tuple[NDArray[np.float64], NDArray[np.float64], _Codes, _Codes, _Codes]


class Draws(NamedTuple):
    """Attempts at N tasks: M draws, the first N of which are the first attempts.

    Attributes:
        task: [M] index of the task.
        number: [M] of the attempt, from 1.
        next: [M] the draw of the next attempt; -1 if there is none.
        delay: [M] seconds until the next attempt.
        latency: [P, M] seconds of service, by pool.
        cost: [P, M] money.
        verdict: [P, M] index into :data:`VERDICTS`.
        error: [P, M] index into :data:`ERRORS`, or -1.
        reason: [P, M] index into :data:`REASONS`, or -1.
    """

    task: NDArray[np.int64]
    number: NDArray[np.int64]
    next: NDArray[np.int64]
    delay: NDArray[np.float64]
    latency: NDArray[np.float64]
    cost: NDArray[np.float64]
    verdict: NDArray[np.int8]
    error: NDArray[np.int8]
    reason: NDArray[np.int8]


class _Level(NamedTuple):
    """One attempt at some of the tasks."""

    task: NDArray[np.int64]
    delay: NDArray[np.float64]
    columns: _Columns


def draw_all(
    tasks: Sequence[Task],
    pools: Sequence[WorkerPool],
    simulators: Simulators,
    retry: RetryPolicy,
    seed: int,
) -> Draws | None:
    """Every attempt that may be made; ``None`` if a simulator cannot tell beforehand.

    Args:
        tasks: [N] that no attempt has been made at.
        pools: [P] where they may be made.
        simulators: sample.
        retry: which attempts are tried again.
        seed: of the jitter between attempts.
    """
    levels: list[_Level] = []
    rows = np.arange(len(tasks))
    luck = KeyedRandom(seed)
    while rows.size:
        number = len(levels) + 1
        asked = tasks if number == 1 else [tasks[row] for row in rows.tolist()]
        sampled = simulators.sample_many(asked, number, pools)
        if sampled is None:
            return None
        columns = _columns(sampled, rows.size, number, retry)
        again = np.flatnonzero((columns[2] == VERDICTS.index(Verdict.RETRY)).any(axis=0))
        delay = np.zeros(rows.size)
        if again.size:
            ids = [asked[at].id.int for at in again.tolist()]
            keys = luck.keys(ids, [number], [Purpose.BACKOFF])
            numbers = keys.numbers()
            delay[again] = [
                retry.delay(number, luck.take_up(keys.hand(row, numbers)))
                for row in range(again.size)
            ]
        levels.append(_Level(rows, delay, columns))
        rows = rows[again]
    return _joined(levels)


def _columns(sampled: Sequence[Samples], count: int, number: int, retry: RetryPolicy) -> _Columns:
    """Latency, cost, verdict, error and reason, each [P, count]."""
    shape = (len(sampled), count)
    verdict, error, reason = (np.full(shape, filled, np.int8) for filled in (0, _NONE, _NONE))
    for pool, samples in enumerate(sampled):
        for at, kind in samples.errors.items():
            judged, why = judge(Outcome(0.0, False, 0.0, kind), number, retry)
            verdict[pool, at], error[pool, at] = VERDICTS.index(judged), ERRORS.index(kind)
            reason[pool, at] = _NONE if why is None else REASONS.index(why)
    latency = np.stack([samples.latency for samples in sampled])
    cost = np.stack([samples.cost for samples in sampled])
    return latency, cost, verdict, error, reason


def _joined(levels: Sequence[_Level]) -> Draws:
    task = np.concatenate([level.task for level in levels])
    following = np.full(task.size, _NONE)
    start = 0
    for level, after in pairwise(levels):
        here = start + np.searchsorted(level.task, after.task)
        start += level.task.size
        following[here] = np.arange(start, start + after.task.size)
    latency, cost, verdict, error, reason = (
        parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        for parts in zip(*(level.columns for level in levels), strict=True)
    )
    return Draws(
        task=task,
        number=np.concatenate([np.full(x.task.size, n) for n, x in enumerate(levels, start=1)]),
        next=following,
        delay=np.concatenate([level.delay for level in levels]),
        latency=latency,
        cost=cost,
        verdict=verdict,
        error=error,
        reason=reason,
    )
