"""Runners and their leases, and the rescue of what a dead one held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from trx_core.engine import dead_lettered, recovered
from trx_core.ids import IdFactory
from trx_core.models import TaskStatus
from trx_core.policy import DeadReason
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import transposed

__all__ = ["Rescue", "held_slots", "leave", "live_runners", "register", "renew", "rescue"]

REGISTER: Final = """
INSERT INTO runner (id, host, pid, lease_until)
VALUES ($1, $2, $3, now() + $4 * interval '1 second')
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until
"""

RENEW: Final = """
UPDATE runner SET lease_until = now() + $2 * interval '1 second' WHERE id = $1 RETURNING true
"""

LEAVE: Final = """
WITH busy AS MATERIALIZED (
    SELECT FROM task WHERE status = 'processing' AND runner_id = $1 LIMIT 1
), abandoned AS (
    UPDATE runner SET lease_until = now() WHERE id = $1 AND EXISTS (SELECT FROM busy)
)
DELETE FROM runner WHERE id = $1 AND NOT EXISTS (SELECT FROM busy)
"""

BURY_RUNNERS: Final = """
DELETE FROM runner WHERE id IN (
    SELECT id FROM runner WHERE lease_until <= now() FOR UPDATE SKIP LOCKED
)
RETURNING id
"""

ORPHANS: Final = """
SELECT id, attempt, runner_id FROM task
WHERE status = 'processing' AND runner_id = ANY($1::uuid[])
ORDER BY id
FOR NO KEY UPDATE
"""

RESCUE: Final = """
WITH rescued AS MATERIALIZED (
    SELECT *, status = 'queued' AS again FROM unnest(
        $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[],
        $7::uuid[], $8::text[], $9::jsonb[]
    ) AS rescued (id, attempt, status, reason, detail, log_id, event_type, details)
), moved AS (
    UPDATE task SET
        status = rescued.status,
        completed_at = CASE WHEN NOT again THEN $1::timestamptz END,
        queued_at = CASE WHEN again THEN now() ELSE queued_at END,
        published_at = CASE WHEN NOT again THEN published_at END,
        published_epoch = CASE WHEN NOT again THEN published_epoch END,
        runner_id = NULL
    FROM rescued WHERE task.id = rescued.id
), buried AS (
    INSERT INTO dead_letter (id, task_id, reason, detail, attempt, dead_at)
    SELECT log_id, id, reason, detail, attempt, $1 FROM rescued WHERE reason IS NOT NULL
)
INSERT INTO schedule_log (id, task_id, timestamp, event_type, details)
SELECT log_id, id, $1, event_type, details FROM rescued
"""

HELD_SLOTS: Final = """
SELECT runner_id, worker_id, sum(slots)::int FROM task
WHERE status = 'processing' GROUP BY runner_id, worker_id
"""


class Rescue(NamedTuple):
    """What a rescue found.

    Attributes:
        runners: those whose lease had run out; they are registered no more.
        requeued: how many tasks wait again.
        dead: how many became dead letters, their attempts being spent.
    """

    runners: list[UUID]
    requeued: int
    dead: int


@translated
async def register(pool: Pool, runner: UUID, host: str, pid: int, lease_seconds: float) -> None:
    """Make a runner known, with a lease by the clock of the database; or renew its lease."""
    await pool.execute(REGISTER, runner, host, pid, lease_seconds)


@translated
async def renew(pool: Pool, runner: UUID, lease_seconds: float) -> bool:
    """Prolong a lease; ``False``: it was lost, and what the runner held is others' now."""
    return bool(await pool.fetchval(RENEW, runner, lease_seconds))


@translated
async def leave(pool: Pool, runner: UUID) -> None:
    """Deregister a runner; if it still holds tasks, the next rescue takes them over at once."""
    await pool.execute(LEAVE, runner)


@translated
async def rescue(pool: Pool, max_attempts: int, ids: IdFactory, now: float) -> Rescue:
    """Take over from runners whose lease has run out, in one transaction.

    What they held waits again, not published, the attempt counting as made; a task that has made
    ``max_attempts`` becomes a dead letter. Several callers at once share the work.
    """
    async with pool.acquire() as connection, connection.transaction():
        runners = [row[0] for row in await connection.fetch(BURY_RUNNERS)]
        orphans = await connection.fetch(ORPHANS, runners) if runners else []
        log_ids = ids.many(len(orphans), now)
        rows = [
            _fate(task_id, attempt, runner, log_id, max_attempts, now)
            for (task_id, attempt, runner), log_id in zip(orphans, log_ids, strict=True)
        ]
        if rows:
            await connection.execute(RESCUE, now, *transposed(rows, 8))
    dead = sum(row[3] is not None for row in rows)
    return Rescue(runners, len(rows) - dead, dead)


@translated
async def live_runners(pool: Pool) -> set[UUID]:
    """Every runner that is registered; one whose lease has just run out may be among them."""
    return {row[0] for row in await pool.fetch("SELECT id FROM runner")}


@translated
async def held_slots(pool: Pool) -> Mapping[UUID, Mapping[UUID, int]]:
    """Runner → pool → slots of the tasks that are processing: what a lost ledger held."""
    held: dict[UUID, dict[UUID, int]] = {}
    for runner, worker_pool, slots in await pool.fetch(HELD_SLOTS):
        held.setdefault(runner, {})[worker_pool] = slots
    return held


def _fate(
    task_id: UUID, attempt: int, runner: UUID, log_id: UUID, max_attempts: int, now: float
) -> tuple[Any, ...]:
    if attempt < max_attempts:
        entry = recovered(task_id, attempt, runner, now)
        status, reason, detail = TaskStatus.QUEUED, None, None
    else:
        detail = f"runner {runner} died during the last attempt"
        reason = DeadReason.ATTEMPTS_SPENT
        entry = dead_lettered(task_id, attempt, reason, detail, now)
        status = TaskStatus.FAILED
    return (task_id, attempt, status, reason, detail, log_id, entry.event_type, entry.details)
