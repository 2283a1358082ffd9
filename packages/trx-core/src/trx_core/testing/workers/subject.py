"""A worker simulator under test, and the attempts that it is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from trx_core.capabilities import WorkerCapabilities
from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import WorkerSimulator
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.testing.checks import Subject
from trx_core.testing.samples import sample_pools, sample_tasks

__all__ = ["Trial", "WorkerSubject", "sample", "trials"]

WorkerSubject: TypeAlias = Subject[WorkerSimulator, WorkerCapabilities]

TASKS: Final = 80
NOW: Final = 1_700_000_500.0


class Trial(NamedTuple):
    """One attempt to be sampled: task, pool, its number and its start, seconds."""

    task: Task
    pool: WorkerPool
    attempt: int
    now: float


def trials() -> Iterator[Trial]:
    """Attempts at tasks of every kind on every pool; the same each time."""
    pools = sample_pools()
    for index, task in enumerate(sample_tasks(TASKS)):
        for number, pool in enumerate(pools, start=1):
            yield Trial(task, pool, number, NOW + index)


def sample(simulator: WorkerSimulator, trial: Trial, luck: KeyedRandom) -> Outcome:
    """The outcome, with the luck that an engine would give."""
    rng = luck.at(trial.task.id.int, trial.attempt, Purpose.SERVICE)
    return simulator.sample(trial.task, trial.pool, trial.now, rng)
