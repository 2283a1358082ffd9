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


class Draws(NamedTuple):
    """Attempts at N tasks: M draws, the first N of which are the first attempts.

    Attributes:
        task: [M] index of the task.
        number: [M] of the attempt, from 1.
        next: [M] the draw of the next attempt; -1 if there is none.
        delay: [M] seconds until the next attempt.
        latency: [S, M] seconds of service, by sort of pool.
        cost: [S, M] money.
        verdict: [S, M] index into :data:`VERDICTS`.
        error: [S, M] index into :data:`ERRORS`, or -1.
        reason: [S, M] index into :data:`REASONS`, or -1.
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
    columns: tuple[NDArray[np.float64], ...]


def draw_all(
    tasks: Sequence[Task],
    sorts: Sequence[WorkerPool],
    simulators: Simulators,
    retry: RetryPolicy,
    seed: int,
) -> Draws | None:
    """Every attempt that may be made; ``None`` if a simulator cannot tell beforehand.

    Args:
        tasks: [N] that no attempt has been made at.
        sorts: [S] a pool of each sort.
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
        sampled = [simulators.sample_many(asked, number, pool) for pool in sorts]
        columns = [_columns(one, rows.size, number, retry) for one in sampled if one is not None]
        if len(columns) < len(sorts):
            return None
        stacked = tuple(np.stack(column) for column in zip(*columns, strict=True))
        again = np.flatnonzero((stacked[2] == VERDICTS.index(Verdict.RETRY)).any(axis=0))
        delay = np.zeros(rows.size)
        for at in again.tolist():
            key = (asked[at].id.int, number, Purpose.BACKOFF)
            delay[at] = retry.delay(number, luck.at(*key))
        levels.append(_Level(rows, delay, stacked))
        rows = rows[again]
    return _joined(levels)


def _columns(
    samples: Samples, count: int, number: int, retry: RetryPolicy
) -> tuple[NDArray[np.float64], ...]:
    """Latency, cost, verdict, error and reason, each [count]."""
    verdict, error, reason = np.zeros(count), np.full(count, _NONE), np.full(count, _NONE)
    for at, kind in enumerate(samples.error or ()):
        if kind is not None:
            judged, why = judge(Outcome(0.0, False, 0.0, kind), number, retry)
            verdict[at], error[at] = VERDICTS.index(judged), ERRORS.index(kind)
            reason[at] = _NONE if why is None else REASONS.index(why)
    return (np.array(samples.latency), np.array(samples.cost), verdict, error, reason)


def _joined(levels: Sequence[_Level]) -> Draws:
    task = np.concatenate([level.task for level in levels])
    following = np.full(task.size, _NONE)
    start = 0
    for level, after in pairwise(levels):
        here = start + np.searchsorted(level.task, after.task)
        start += level.task.size
        following[here] = np.arange(start, start + after.task.size)
    latency, cost, verdict, error, reason = (
        np.concatenate(parts, axis=1) for parts in zip(*(x.columns for x in levels), strict=True)
    )
    return Draws(
        task=task,
        number=np.concatenate([np.full(x.task.size, n) for n, x in enumerate(levels, start=1)]),
        next=following,
        delay=np.concatenate([level.delay for level in levels]),
        latency=np.ascontiguousarray(latency, dtype=np.float64),
        cost=np.asarray(cost, dtype=np.float64),
        verdict=np.ascontiguousarray(verdict, dtype=np.int8),
        error=np.asarray(error, dtype=np.int8),
        reason=np.asarray(reason, dtype=np.int8),
    )
