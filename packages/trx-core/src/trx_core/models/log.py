"""The schedule log: the one vocabulary of what happens to tasks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID

from trx_core.models.task import TaskStatus

__all__ = ["STATUS_AFTER", "EventType", "LogEntry", "ScheduleLog"]


class EventType(StrEnum):
    """What happened to a task."""

    ENQUEUED = "enqueued"
    DISPATCHED = "dispatched"
    COMPLETED = "completed"
    RETRIED = "retried"
    DEAD_LETTERED = "dead_lettered"
    CANCELLED = "cancelled"
    RECOVERED = "recovered"


STATUS_AFTER: Final[Mapping[tuple[TaskStatus | None, EventType], TaskStatus]] = MappingProxyType(
    {
        (None, EventType.ENQUEUED): TaskStatus.QUEUED,
        (TaskStatus.QUEUED, EventType.DISPATCHED): TaskStatus.PROCESSING,
        (TaskStatus.QUEUED, EventType.CANCELLED): TaskStatus.CANCELLED,
        (TaskStatus.QUEUED, EventType.DEAD_LETTERED): TaskStatus.FAILED,
        (TaskStatus.PROCESSING, EventType.COMPLETED): TaskStatus.COMPLETED,
        (TaskStatus.PROCESSING, EventType.RETRIED): TaskStatus.QUEUED,
        (TaskStatus.PROCESSING, EventType.RECOVERED): TaskStatus.QUEUED,
        (TaskStatus.PROCESSING, EventType.DEAD_LETTERED): TaskStatus.FAILED,
    }
)
"""What each event makes of a task's status; there is no other way from one to another."""


class LogEntry(NamedTuple):
    """A row of the schedule log before it has an id.

    Attributes:
        task_id: the task.
        timestamp: seconds, as in :class:`~trx_core.models.task.Task`.
        event_type: what happened.
        details: JSON-able; its keys depend on the event type.
    """

    task_id: UUID
    timestamp: float
    event_type: EventType
    details: Mapping[str, Any]


class ScheduleLog(NamedTuple):
    """A row of the schedule log as it is kept."""

    id: UUID
    task_id: UUID
    timestamp: float
    event_type: EventType
    details: Mapping[str, Any]
