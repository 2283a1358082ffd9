"""Claims: a runner makes tasks its own before it carries them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from trx_core.engine import dispatched
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_core.models import Attempt
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import transposed

__all__ = ["LeaseLostError", "claim"]

CLAIM: Final = """
WITH me AS MATERIALIZED (
    SELECT id FROM runner WHERE id = $1 FOR KEY SHARE
), wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::timestamptz[],
        $7::uuid[], $8::text[], $9::jsonb[]
    ) AS wanted (id, attempt, worker_id, algorithm, placed_at, log_id, event_type, details)
), held AS MATERIALIZED (
    SELECT wanted.*, task.status FROM task JOIN wanted USING (id)
    WHERE (task.status = 'queued' AND task.attempt = wanted.attempt - 1)
       OR (task.status = 'processing' AND task.attempt = wanted.attempt AND task.runner_id = $1)
    ORDER BY task.id
    FOR NO KEY UPDATE OF task
), claimed AS (
    UPDATE task SET
        status = 'processing',
        attempt = held.attempt,
        started_at = coalesce(started_at, placed_at),
        worker_id = held.worker_id,
        algorithm_used = algorithm,
        runner_id = me.id,
        due_at = NULL
    FROM held, me
    WHERE task.id = held.id AND held.status = 'queued'
    RETURNING held.*
), logged AS (
    INSERT INTO schedule_log (id, task_id, timestamp, event_type, details)
    SELECT log_id, id, placed_at, event_type, details FROM claimed
)
SELECT id FROM held UNION ALL SELECT id FROM me
"""


class LeaseLostError(AdapterError):
    """The runner is not, or no longer, registered: others have taken over its tasks."""

    def __init__(self, runner: UUID) -> None:
        super().__init__(
            f"runner {runner} is not registered: its lease has run out, and others have taken "
            "over its tasks.",
            code="TRX-A303",
            hint="It must register again before it claims more; no task is lost.",
        )


@translated
async def claim(
    pool: Pool, runner: UUID, attempts: Sequence[Attempt], ids: IdFactory, now: float
) -> set[UUID]:
    """Make tasks the runner's own; returns the ids of those that now are.

    A task is refused when it was cancelled, has ended, runs elsewhere, or when the attempt is not
    the one after its latest. Repeating a call whose answer was lost gives that answer again and
    logs nothing twice.

    Raises:
        LeaseLostError: ``TRX-A303``, and nothing was claimed: the refusal of a task would tell
            the runner to forget it, and this is none.
    """
    if not attempts:
        return set()
    rows = (
        (
            attempt.task.id,
            attempt.number,
            attempt.pool.id,
            attempt.algorithm,
            attempt.placed_at,
            log_id,
            entry.event_type,
            entry.details,
        )
        for attempt, entry, log_id in zip(
            attempts, map(dispatched, attempts), ids.many(len(attempts), now), strict=True
        )
    )
    held = {row[0] for row in await pool.fetch(CLAIM, runner, *transposed(rows, 8))}
    if runner not in held:
        raise LeaseLostError(runner)
    return held - {runner}
