"""A worker simulator under test, and the attempts that it is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from trx_core.capabilities import WorkerCapabilities
from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import WorkerSimulator
from trx_core.randomness import KeyedRandom, Purpose, named
from trx_core.testing.checks import Subject
from trx_core.testing.samples import sample_pools, sample_tasks

__all__ = ["Trial", "WorkerSubject", "keyed", "sample", "trials"]

WorkerSubject: TypeAlias = Subject[WorkerSimulator, WorkerCapabilities]

TASKS: Final = 80
NOW: Final = 1_700_000_500.0
LATE: Final = (4, 5, 6, 8, 11, 21, 101)


class Trial(NamedTuple):
    """One attempt to be sampled: task, pool, its number and its start, seconds."""

    task: Task
    pool: WorkerPool
    attempt: int
    now: float


def trials() -> Iterator[Trial]:
    """Attempts at tasks of every kind on every pool, some of them late ones; the same each time."""
    pools = sample_pools()
    for index, task in enumerate(sample_tasks(TASKS)):
        for number, pool in enumerate(pools, start=1):
            yield Trial(task, pool, number, NOW + index)
        if index < len(LATE):
            late = replace(task, attempt=LATE[index] - 1)
            yield Trial(late, pools[index % len(pools)], LATE[index], NOW + index)


def sample(simulator: WorkerSimulator, trial: Trial, luck: KeyedRandom) -> Outcome:
    """The outcome, with the luck that an engine would give."""
    return simulator.sample(trial.task, trial.pool, trial.now, keyed(trial, luck))


def keyed(trial: Trial, luck: KeyedRandom) -> KeyedRandom:
    """The luck that an engine would give to this attempt."""
    return luck.at(trial.task.id.int, trial.attempt, Purpose.SERVICE, named(trial.pool.name))
