"""Settlements: how attempts end in the ledger of record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from trx_core.engine import settled
from trx_core.ids import IdFactory
from trx_core.kernel import Settlement
from trx_core.models import TaskStatus
from trx_core.policy import Verdict
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import printable, transposed

__all__ = ["settle"]

STATUS: Final[Mapping[Verdict, TaskStatus]] = MappingProxyType(
    {
        Verdict.COMPLETED: TaskStatus.COMPLETED,
        Verdict.RETRY: TaskStatus.QUEUED,
        Verdict.DEAD: TaskStatus.FAILED,
    }
)

SETTLE: Final = """
WITH me AS MATERIALIZED (
    SELECT id FROM runner WHERE id = $1 FOR KEY SHARE
), closing AS MATERIALIZED (
    SELECT *, status = 'queued' AS again FROM unnest(
        $2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::text[], $9::text[], $10::uuid[], $11::text[], $12::jsonb[]
    ) AS closing (
        id, attempt, status, at, due, error, detail, reason, log_id, event_type, details
    )
), closed AS (
    UPDATE task SET
        status = closing.status,
        completed_at = CASE WHEN NOT again THEN at END,
        due_at = due,
        error = closing.error,
        queued_at = CASE WHEN again THEN now() ELSE queued_at END,
        published_at = CASE WHEN NOT again THEN published_at END,
        published_epoch = CASE WHEN NOT again THEN published_epoch END
    FROM closing, me
    WHERE task.id = closing.id
      AND task.status = 'processing'
      AND task.attempt = closing.attempt
      AND task.runner_id = me.id
    RETURNING closing.*
), buried AS (
    INSERT INTO dead_letter (id, task_id, reason, error, detail, attempt, dead_at)
    SELECT log_id, id, reason, error, detail, attempt, at FROM closed WHERE reason IS NOT NULL
), logged AS (
    INSERT INTO schedule_log (id, task_id, timestamp, event_type, details)
    SELECT log_id, id, at, event_type, details FROM closed
)
SELECT id FROM closed
"""

CLOSED_BEFORE: Final = """
SELECT task.id
FROM unnest($2::uuid[], $3::int[], $4::text[]) AS closing (id, attempt, status)
JOIN task USING (id, attempt, status)
JOIN runner ON runner.id = task.runner_id
WHERE runner.id = $1
"""


@translated
async def settle(
    pool: Pool, runner: UUID, settlements: Sequence[Settlement], ids: IdFactory, now: float
) -> set[UUID]:
    """Close attempts of the runner, all in one transaction; returns the ids of their tasks.

    Only what the runner still holds is written; what others have taken over is passed over.
    Repeating a call whose answer was lost gives that answer again and writes nothing twice. A task
    that is tried again is queued and not published. A dead letter bears the id of the log row that
    tells of it.
    """
    if not settlements:
        return set()
    clean = [_printable(settlement) for settlement in settlements]
    log_ids = ids.many(len(clean), now)
    rows = [_row(item, log_id) for item, log_id in zip(clean, log_ids, strict=True)]
    closed = {row[0] for row in await pool.fetch(SETTLE, runner, *transposed(rows, 11))}
    missing = [row[:3] for row in rows if row[0] not in closed]
    if missing:
        before = await pool.fetch(CLOSED_BEFORE, runner, *transposed(missing, 3))
        closed.update(row[0] for row in before)
    return closed


def _row(settlement: Settlement, log_id: UUID) -> tuple[Any, ...]:
    attempt, outcome = settlement.attempt, settlement.outcome
    entry = settled(settlement)
    return (
        attempt.task.id,
        attempt.number,
        STATUS[settlement.verdict],
        settlement.at,
        settlement.due,
        outcome.error,
        outcome.detail,
        settlement.reason,
        log_id,
        entry.event_type,
        entry.details,
    )


def _printable(settlement: Settlement) -> Settlement:
    outcome = settlement.outcome
    if outcome.detail is None:
        return settlement
    return settlement._replace(outcome=outcome._replace(detail=printable(outcome.detail)))
