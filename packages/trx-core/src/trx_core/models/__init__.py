"""Tasks, pools, attempts and the schedule log, as values."""

from trx_core.models.disruption import (
    Disruption,
    check_disruptions,
    disrupted,
    turning_points,
)
from trx_core.models.log import STATUS_AFTER, EventType, LogEntry, ScheduleLog
from trx_core.models.outcome import Attempt, ErrorKind, Outcome
from trx_core.models.pool import Fleet, WorkerPool, WorkerSpec
from trx_core.models.readonly import plain, read_only
from trx_core.models.task import (
    MAX_COST,
    MAX_METADATA_BYTES,
    MAX_SLOTS,
    PRIORITIES,
    Task,
    TaskRequest,
    TaskStatus,
)

__all__ = [
    "MAX_COST",
    "MAX_METADATA_BYTES",
    "MAX_SLOTS",
    "PRIORITIES",
    "STATUS_AFTER",
    "Attempt",
    "Disruption",
    "ErrorKind",
    "EventType",
    "Fleet",
    "LogEntry",
    "Outcome",
    "ScheduleLog",
    "Task",
    "TaskRequest",
    "TaskStatus",
    "WorkerPool",
    "WorkerSpec",
    "check_disruptions",
    "disrupted",
    "plain",
    "read_only",
    "turning_points",
]
