"""The outbox: queued tasks that are not in the stream, or only in one that is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple
from uuid import UUID

import anyio

from trx_core.models import Task
from trx_server.store.connect import Lent, Pool
from trx_server.store.failures import GONE, outages, translated
from trx_server.store.rows import TASK, to_task, transposed

__all__ = ["Unpublished", "mark_published", "take_unpublished", "unpublish"]

OVERDUE: Final = "published_epoch IS NULL AND queued_at <= now() - $2 * interval '1 second'"
OTHER_EPOCHS: Final = ("published_epoch < $2", "published_epoch > $2")
"""Each is one range of the index ``task_outbox_idx``, which ``<>`` would not be."""

TAKE: Final = f"""
SELECT {TASK}, due_at FROM task WHERE status = 'queued' AND {{condition}}
ORDER BY published_epoch, queued_at, id
LIMIT $1
FOR NO KEY UPDATE SKIP LOCKED
"""

MARK_TAKEN: Final = """
UPDATE task SET published_at = now(), published_epoch = $2 WHERE id = ANY($1::uuid[])
"""

MARK: Final = """
WITH entered AS MATERIALIZED (
    SELECT task.id FROM task
    JOIN unnest($1::uuid[], $2::int[]) AS entered (id, attempt) USING (id, attempt)
    WHERE status = 'queued'
    FOR NO KEY UPDATE OF task SKIP LOCKED
)
UPDATE task SET published_at = now(), published_epoch = $3 FROM entered WHERE task.id = entered.id
"""

UNMARK: Final = """
WITH waiting AS MATERIALIZED (
    SELECT id FROM task
    WHERE id = ANY($1::uuid[]) AND status = 'queued' AND published_epoch IS NOT NULL
    ORDER BY id
    FOR NO KEY UPDATE
)
UPDATE task SET published_at = NULL, published_epoch = NULL
FROM waiting WHERE task.id = waiting.id
"""


class Unpublished(NamedTuple):
    """A task that is to enter the stream; ``due``: not before that instant, seconds."""

    task: Task
    due: float | None


@asynccontextmanager
async def take_unpublished(
    pool: Pool, limit: int, older_than_seconds: float, epoch: str
) -> AsyncIterator[list[Unpublished]]:
    """At most ``limit`` queued tasks for the block to publish, those that wait longest first.

    Nobody else is given them while the block runs. When it ends they count as published in
    ``epoch``; when it raises they do not, and what it did publish is published once more.

    Args:
        older_than_seconds: leave those alone that became ready later than that: whoever made
            them ready is publishing them.
        epoch: which life the stream is in; what was published in another is taken, too.
    """
    with outages():
        connection = await pool.acquire()
    try:
        transaction = connection.transaction()
        with outages():
            await transaction.start()
            taken = await _take(connection, limit, older_than_seconds, epoch)
        try:
            yield taken
        except BaseException:
            with anyio.CancelScope(shield=True), suppress(*GONE):
                await transaction.rollback()
            raise
        with outages():
            if taken:
                await connection.execute(MARK_TAKEN, [row.task.id for row in taken], epoch)
            await transaction.commit()
    finally:
        with anyio.CancelScope(shield=True):
            await pool.release(connection)


@translated
async def mark_published(pool: Pool, tasks: Sequence[Task], epoch: str) -> None:
    """Note that tasks entered the stream in ``epoch``, as ``tasks`` show them.

    A task that has been claimed, cancelled or queued anew since then is passed over.
    """
    rows = ((task.id, task.attempt) for task in tasks)
    await pool.execute(MARK, *transposed(rows, 2), epoch)


@translated
async def unpublish(pool: Pool, ids: Collection[UUID]) -> None:
    """Have those of the tasks that are queued published once more, by whoever looks next."""
    await pool.execute(UNMARK, list(ids))


async def _take(
    connection: Lent, limit: int, older_than_seconds: float, epoch: str
) -> list[Unpublished]:
    conditions = [(OVERDUE, older_than_seconds), *((range_, epoch) for range_ in OTHER_EPOCHS)]
    taken: list[Unpublished] = []
    for condition, argument in conditions:
        room = limit - len(taken)
        rows = await connection.fetch(TAKE.format(condition=condition), room, argument)
        taken += [Unpublished(to_task(row), row["due_at"]) for row in rows]
    return taken
