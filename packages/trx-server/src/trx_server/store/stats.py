"""How the service stands, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from trx_core.models import EventType, TaskStatus
from trx_server.store.connect import Pool
from trx_server.store.failures import translated

__all__ = ["Stats", "read_stats"]

STATS: Final = """
SELECT
    (SELECT json_object_agg(status, n)::jsonb FROM (
        SELECT status, count(*) AS n FROM task GROUP BY status
    ) AS by_status),
    (SELECT json_object_agg(event_type, n)::jsonb FROM (
        SELECT event_type, count(*) AS n FROM schedule_log
        WHERE timestamp > now() - interval '1 minute' GROUP BY event_type
    ) AS by_event),
    (SELECT count(*) FROM task WHERE status = 'queued' AND published_epoch IS NULL),
    (SELECT count(*) FROM task WHERE status = 'queued' AND due_at > now()),
    (SELECT extract(epoch FROM now() - enqueued_at)::float8 FROM task
        WHERE status = 'queued' ORDER BY id LIMIT 1),
    (SELECT count(*) FROM runner WHERE lease_until > now()),
    (SELECT count(*) FROM dead_letter)
"""


class Stats(NamedTuple):
    """The service at one moment.

    Attributes:
        tasks: how many there are of each status.
        last_minute: how many log rows of each event type tell of the last 60 seconds.
        unpublished: queued tasks that are not in the stream.
        delayed: queued tasks that must not start yet.
        oldest_queued: age of the queued task that was accepted first, seconds; ``None``: none.
        runners: those whose lease runs.
        dead_letters: how many there are.
    """

    tasks: Mapping[TaskStatus, int]
    last_minute: Mapping[EventType, int]
    unpublished: int
    delayed: int
    oldest_queued: float | None
    runners: int
    dead_letters: int


@translated
async def read_stats(pool: Pool) -> Stats:
    """Count, in one statement."""
    row = await pool.fetchrow(STATS)
    assert row is not None
    tasks, events, *rest = row
    return Stats(
        {status: (tasks or {}).get(status, 0) for status in TaskStatus},
        {event: (events or {}).get(event, 0) for event in EventType},
        *rest,
    )
