"""The one place that puts what happened into words of the schedule log."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from trx_core.kernel import Settlement
from trx_core.models import Attempt, EventType, LogEntry, Task
from trx_core.policy import DeadReason, Verdict

__all__ = ["cancelled", "dead_lettered", "dispatched", "enqueued", "recovered", "settled"]

_EVENT: Final[Mapping[Verdict, EventType]] = MappingProxyType(
    {
        Verdict.COMPLETED: EventType.COMPLETED,
        Verdict.RETRY: EventType.RETRIED,
        Verdict.DEAD: EventType.DEAD_LETTERED,
    }
)


def enqueued(task: Task) -> LogEntry:
    """A task was accepted."""
    details = {
        "type": task.type,
        "priority": task.priority,
        "cost": task.cost,
        "slots": task.slots,
        "region": task.region,
    }
    return LogEntry(task.id, task.enqueued_at, EventType.ENQUEUED, details)


def dispatched(attempt: Attempt) -> LogEntry:
    """An attempt was claimed and starts."""
    return LogEntry(attempt.task.id, attempt.placed_at, EventType.DISPATCHED, _attempt(attempt))


def settled(settlement: Settlement) -> LogEntry:
    """An attempt was closed: the task is completed, tried again or a dead letter."""
    attempt, outcome = settlement.attempt, settlement.outcome
    details = _attempt(attempt) | {"latency": outcome.latency, "cost": outcome.cost}
    if settlement.verdict is not Verdict.COMPLETED:
        details |= {"error": outcome.error, "detail": outcome.detail}
    if settlement.verdict is Verdict.RETRY:
        details["due"] = settlement.due
    if settlement.verdict is Verdict.DEAD:
        details["reason"] = settlement.reason
    return LogEntry(attempt.task.id, settlement.at, _EVENT[settlement.verdict], details)


def cancelled(task_id: UUID, at: float) -> LogEntry:
    """A pending task was cancelled at ``at`` (seconds)."""
    return LogEntry(task_id, at, EventType.CANCELLED, {})


def recovered(task_id: UUID, attempt: int, runner: UUID, at: float) -> LogEntry:
    """The runner of attempt ``attempt`` died, and the task waits again since ``at`` (seconds)."""
    return LogEntry(task_id, at, EventType.RECOVERED, {"attempt": attempt, "runner": str(runner)})


def dead_lettered(
    task_id: UUID, attempt: int, reason: DeadReason, detail: str, at: float
) -> LogEntry:
    """A task became a dead letter at ``at`` (seconds) without an outcome of its last attempt."""
    details = {"attempt": attempt, "reason": reason, "error": None, "detail": detail}
    return LogEntry(task_id, at, EventType.DEAD_LETTERED, details)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "pool": attempt.pool.name,
        "pool_id": str(attempt.pool.id),
        "algorithm": attempt.algorithm,
        "slots": attempt.task.slots,
    }
