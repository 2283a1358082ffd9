"""The schedule log."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from trx_core.models import EventType, ScheduleLog
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import conditions

__all__ = ["LogFilter", "list_logs"]

LIST: Final = """
SELECT id, task_id, timestamp, event_type, details FROM schedule_log
{where} ORDER BY id LIMIT {limit}
"""

CLAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "task_id": "task_id = {}",
        "event_type": "event_type = {}",
        "since": "timestamp >= {}",
        "until": "timestamp < {}",
        "after": "id > {}",
    }
)


class LogFilter(NamedTuple):
    """Which rows to list; ``None`` is any.

    Attributes:
        since: what happened at or after, seconds.
        until: what happened before, seconds.
    """

    task_id: UUID | None = None
    event_type: EventType | None = None
    since: float | None = None
    until: float | None = None


@translated
async def list_logs(
    pool: Pool, wanted: LogFilter, after: UUID | None, limit: int
) -> list[ScheduleLog]:
    """At most ``limit`` rows, in the order of their ids, that come after the id ``after``."""
    where, arguments = conditions([*wanted._asdict().items(), ("after", after)], CLAUSES)
    rows = await pool.fetch(LIST.format(where=where, limit=int(limit)), *arguments)
    return [
        ScheduleLog(log_id, task_id, timestamp, EventType(event_type), details)
        for log_id, task_id, timestamp, event_type, details in rows
    ]
