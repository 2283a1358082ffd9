"""A worker that takes as long as the trace says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import Sampler, Samples
from trx_workers.parameters import Parameters

__all__ = ["Recorded", "RecordedParameters"]


class RecordedParameters(Parameters):
    """Parameters of a pool's worker.

    Attributes:
        key: the field of a task's metadata that holds its service time, seconds.
        speed: how many times faster than recorded the pool is.
    """

    key: str = Field(default="run_time", min_length=1)
    speed: float = Field(default=1.0, gt=0, le=1e6)


class Recorded:
    """Replays service times that were recorded with the traffic: nothing is drawn, nothing fails.

    A task takes ``metadata[key] / speed`` seconds and costs ``task.cost · pool.cost_per_unit``. A
    task without that field takes as long as its caller expects, or else as the pool's catalogue
    says, at the same speed.

    Args:
        params: as in :class:`RecordedParameters`, by name.

    Raises:
        ValueError: naming each parameter that is wrong.
    """

    def __init__(self, **params: Any) -> None:
        self._given = RecordedParameters.parse(params)

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        """The outcome of every attempt at the task.

        Raises:
            ValueError: what stands there is not a number, or is negative.
        """
        key = self._given.key
        expected = task.expected_duration or pool.expected_latency
        seconds = task.metadata.get(key, expected)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError(f"metadata of task {task.id}: {key}={seconds!r} is no service time")
        return Outcome(seconds / self._given.speed, True, task.cost * pool.cost_per_unit)

    def sample_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler:
        """The outcomes of many attempts, which need no luck."""
        rng = random.Random(0)
        told = [self.sample(task, pool, 0.0, rng)[0:3:2] for task in tasks]
        samples = Samples(*np.array(told, dtype=np.float64).T)
        return lambda luck: samples
