"""Tasks as callers see them: accepted, looked up, listed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from trx_core.engine import cancelled, enqueued
from trx_core.ids import IdFactory
from trx_core.models import Task, TaskStatus
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import TASK, conditions, to_task, transposed

__all__ = ["CancelOutcome", "TaskFilter", "cancel_task", "get_task", "insert_tasks", "list_tasks"]

INSERT: Final = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::uuid[], $2::text[], $3::smallint[], $4::float8[], $5::text[], $6::timestamptz[],
        $7::jsonb[], $8::int[], $9::text[], $10::timestamptz[], $11::float8[],
        $12::boolean[], $13::uuid[], $14::text[], $15::jsonb[]
    ) AS given (
        id, type, priority, cost, region, enqueued_at,
        metadata, slots, resource_type, deadline, expected_duration, region_required,
        log_id, event_type, details
    )
), added AS (
    INSERT INTO task (
        id, type, priority, cost, region, enqueued_at,
        metadata, slots, resource_type, deadline, expected_duration, region_required
    )
    SELECT
        id, type, priority, cost, region, enqueued_at,
        metadata, slots, resource_type, deadline, expected_duration, region_required
    FROM given
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
INSERT INTO schedule_log (id, task_id, timestamp, event_type, details)
SELECT log_id, id, enqueued_at, event_type, details FROM given JOIN added USING (id)
"""

GET: Final = f"SELECT {TASK} FROM task WHERE id = $1"

LIST: Final = f"SELECT {TASK} FROM task {{where}} ORDER BY id DESC LIMIT {{limit}}"

CLAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "status": "status = {}",
        "type": "type = {}",
        "region": "region = {}",
        "priority": "priority = {}",
        "worker_id": "worker_id = {}",
        "algorithm_used": "algorithm_used = {}",
        "since": "enqueued_at >= {}",
        "until": "enqueued_at < {}",
        "after": "id < {}",
    }
)

CANCEL: Final = """
WITH found AS MATERIALIZED (
    SELECT id, status FROM task WHERE id = $1 FOR NO KEY UPDATE
), ended AS (
    UPDATE task SET status = 'cancelled', completed_at = $2
    FROM found WHERE task.id = found.id AND found.status = 'queued'
    RETURNING task.id
), logged AS (
    INSERT INTO schedule_log (id, task_id, timestamp, event_type, details)
    SELECT $3, id, $2, $4, $5 FROM ended
)
SELECT found.status, ended.id IS NOT NULL FROM found LEFT JOIN ended USING (id)
"""


class TaskFilter(NamedTuple):
    """Which tasks to list; ``None`` is any.

    Attributes:
        since: accepted at or after, seconds.
        until: accepted before, seconds.
    """

    status: TaskStatus | None = None
    type: str | None = None
    region: str | None = None
    priority: int | None = None
    worker_id: UUID | None = None
    algorithm_used: str | None = None
    since: float | None = None
    until: float | None = None


class CancelOutcome(NamedTuple):
    """What came of a wish to cancel.

    Attributes:
        cancelled: whether the task was pending, and now is cancelled.
        status: the status that it has now; ``None``: there is no such task.
    """

    cancelled: bool
    status: TaskStatus | None


@translated
async def insert_tasks(pool: Pool, tasks: Sequence[Task], ids: IdFactory, now: float) -> int:
    """Accept new tasks, all or none, with their log rows; returns how many were not known yet.

    A task whose id is known is left as it is, so a call may be repeated when its answer was lost.
    """
    fresh = {task.id: task for task in tasks}.values()
    rows = [
        (
            task.id,
            task.type,
            task.priority,
            task.cost,
            task.region,
            task.enqueued_at,
            task.metadata,
            task.slots,
            task.resource_type,
            task.deadline,
            task.expected_duration,
            task.region_required,
            log_id,
            entry.event_type,
            entry.details,
        )
        for task, entry, log_id in zip(
            fresh, map(enqueued, fresh), ids.many(len(fresh), now), strict=True
        )
    ]
    if not rows:
        return 0
    answer = await pool.execute(INSERT, *transposed(rows, 15))
    return int(answer.rpartition(" ")[2])


@translated
async def get_task(pool: Pool, task_id: UUID) -> Task | None:
    """The task, if there is one."""
    row = await pool.fetchrow(GET, task_id)
    return to_task(row) if row else None


@translated
async def list_tasks(pool: Pool, wanted: TaskFilter, after: UUID | None, limit: int) -> list[Task]:
    """At most ``limit`` tasks, the newest first, that come after the id ``after`` in that order."""
    where, arguments = conditions([*wanted._asdict().items(), ("after", after)], CLAUSES)
    query = LIST.format(where=where, limit=int(limit))
    return [to_task(row) for row in await pool.fetch(query, *arguments)]


@translated
async def cancel_task(pool: Pool, task_id: UUID, ids: IdFactory, now: float) -> CancelOutcome:
    """Cancel a task that is queued; one that runs or has ended is left alone."""
    entry = cancelled(task_id, now)
    row = await pool.fetchrow(CANCEL, task_id, now, ids.one(now), entry.event_type, entry.details)
    if row is None:
        return CancelOutcome(False, None)
    status, done = row
    return CancelOutcome(done, TaskStatus.CANCELLED if done else TaskStatus(status))
