"""Messages that cannot be read, as dead letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from trx_core.engine import dead_lettered
from trx_core.ids import IdFactory
from trx_core.policy import DeadReason
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import printable, transposed

__all__ = ["Poison", "bury_poison"]

QUEUED: Final = """
SELECT id, attempt FROM task WHERE id = ANY($1::uuid[]) AND status = 'queued'
ORDER BY id
FOR NO KEY UPDATE
"""

BURY: Final = """
WITH poison AS MATERIALIZED (
    SELECT * FROM unnest(
        $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::jsonb[], $7::text[], $8::jsonb[]
    ) AS poison (log_id, task_id, attempt, detail, raw, event_type, details)
), failed AS (
    UPDATE task SET status = 'failed', completed_at = $1::timestamptz
    FROM poison WHERE task.id = poison.task_id
), logged AS (
    INSERT INTO schedule_log (id, task_id, timestamp, event_type, details)
    SELECT log_id, task_id, $1, event_type, details FROM poison WHERE task_id IS NOT NULL
)
INSERT INTO dead_letter (id, task_id, reason, detail, attempt, dead_at, raw)
SELECT log_id, task_id, $9, detail, attempt, $1, raw FROM poison
"""


class Poison(NamedTuple):
    """A message that cannot be read.

    Attributes:
        task_id: the task that it names, if that much can be read.
        raw: the message as it stands in the queue.
        detail: what is wrong with it.
    """

    task_id: UUID | None
    raw: Mapping[str, str]
    detail: str


@translated
async def bury_poison(
    pool: Pool, messages: Sequence[Poison], ids: IdFactory, now: float
) -> set[UUID]:
    """Keep messages as dead letters; returns the ids of the queued tasks that failed with them.

    A message that names no task, or one that is not queued, fails none.
    """
    named = [message.task_id for message in messages if message.task_id is not None]
    async with pool.acquire() as connection, connection.transaction():
        queued = await connection.fetch(QUEUED, named)
        attempts: dict[Any, int] = {task_id: attempt for task_id, attempt in queued}
        failed = set(attempts)
        rows = [
            _row(message, attempts.pop(message.task_id, None), log_id, now)
            for message, log_id in zip(messages, ids.many(len(messages), now), strict=True)
        ]
        await connection.execute(BURY, now, *transposed(rows, 7), DeadReason.POISON)
    return failed


def _row(message: Poison, attempt: int | None, log_id: UUID, now: float) -> tuple[Any, ...]:
    raw = {printable(key): printable(value) for key, value in message.raw.items()}
    detail = printable(message.detail)
    if message.task_id is None or attempt is None:
        return (log_id, None, 0, detail, raw, None, None)
    entry = dead_lettered(message.task_id, attempt, DeadReason.POISON, detail, now)
    return (log_id, message.task_id, attempt, detail, raw, entry.event_type, entry.details)
