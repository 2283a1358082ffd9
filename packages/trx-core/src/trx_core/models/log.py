"""The schedule log: the one vocabulary of what happens to tasks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

__all__ = ["EventType", "LogEntry", "ScheduleLog"]


class EventType(StrEnum):
    """What happened to a task."""

    ENQUEUED = "enqueued"
    DISPATCHED = "dispatched"
    COMPLETED = "completed"
    RETRIED = "retried"
    DEAD_LETTERED = "dead_lettered"
    CANCELLED = "cancelled"
    RECOVERED = "recovered"


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
