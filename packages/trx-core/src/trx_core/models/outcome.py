"""What came of one attempt at a task."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from trx_core.models.pool import WorkerPool
from trx_core.models.task import Task, TaskStatus

__all__ = ["Attempt", "ErrorKind", "Outcome"]


class ErrorKind(StrEnum):
    """Whether trying again can help."""

    TRANSIENT = "transient"
    TIMEOUT = "timeout"
    PERMANENT = "permanent"


class Outcome(NamedTuple):
    """What a worker says of one attempt.

    Attributes:
        latency: seconds that the attempt occupied its slots, not negative.
        success: whether the task is done.
        cost: money charged, not negative; a failed attempt may be charged too.
        error: kind of failure; ``None`` exactly when ``success``.
        detail: for people: what went wrong.
        retry_after: seconds for which whoever failed asks to be left alone; ``None``: it does not.
    """

    latency: float
    success: bool
    cost: float
    error: ErrorKind | None = None
    detail: str | None = None
    retry_after: float | None = None


class Attempt(NamedTuple):
    """One try at one task on one pool.

    Attributes:
        task: the task; ``task.attempt`` counts the attempts before this one.
        pool: where it runs.
        number: 1 for the first; the fencing token of everything the attempt writes.
        algorithm: who placed it.
        placed_at: when the decision was made, seconds.
    """

    task: Task
    pool: WorkerPool
    number: int
    algorithm: str
    placed_at: float

    def running_task(self) -> Task:
        """The task as it is while this attempt runs."""
        return self._task(TaskStatus.PROCESSING)

    def failed_task(self) -> Task:
        """The task as it waits again after this attempt has failed."""
        return self._task(TaskStatus.QUEUED)

    def _task(self, status: TaskStatus) -> Task:
        started = self.task.started_at
        return replace(
            self.task,
            status=status,
            attempt=self.number,
            started_at=self.placed_at if started is None else started,
            worker_id=self.pool.id,
            algorithm_used=self.algorithm,
        )
