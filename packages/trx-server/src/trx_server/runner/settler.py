"""Writes down how attempts ended, and settles their queue entries."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import anyio

from trx_core.clock import Clock
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_core.kernel import Drop, DropReason, Settle, Settlement
from trx_core.policy import Verdict
from trx_server.accept import Coalescer, Publisher
from trx_server.queue import LiveQueue
from trx_server.runner.receipts import Receipts
from trx_server.store import Pool, settle, unpublish

__all__ = ["Settler"]

logger = logging.getLogger(__name__)

LARGEST: Final = 2000
PAUSE: Final = 0.5


class _Dropping(NamedTuple):
    effect: Drop
    receipts: Sequence[str]


class Settler:
    """Carries out ``Settle`` and ``Drop`` in batches: one transaction, then one acknowledgement.

    While PostgreSQL is away settlements wait. What it refuses is no longer ours; should the task
    be queued, it is made to be published again, since we may be about to acknowledge its entry.

    Args:
        pool: the ledger of record.
        queue: where the entries are.
        publisher: puts retries into the queue.
        receipts: of the tasks that are held.
        runner: whose attempts they are.
        ids: of log rows.
        clock: the wall's.
        on_settled: is told what has been written down as ours.
    """

    def __init__(
        self,
        pool: Pool,
        queue: LiveQueue,
        publisher: Publisher,
        receipts: Receipts,
        *,
        runner: UUID,
        ids: IdFactory,
        clock: Clock,
        on_settled: Callable[[Sequence[Settlement]], None],
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._publisher = publisher
        self._receipts = receipts
        self._runner = runner
        self._ids = ids
        self._clock = clock
        self._on_settled = on_settled
        self._closing: Coalescer[Settlement] = Coalescer(self._settle, largest=LARGEST)
        self._dropping: Coalescer[_Dropping] = Coalescer(self._drop, largest=LARGEST)

    def settle(self, effect: Settle) -> None:
        """Have settlements written down."""
        self._receipts.close(s.attempt.task.id for s in effect.settlements)
        self._closing.add(effect.settlements)

    def drop(self, effect: Drop) -> None:
        """Have the entries of tasks settled that need no work from us."""
        self._dropping.add([_Dropping(effect, self._receipts.take(effect.ids))])

    async def run(self) -> None:
        """Write until it is cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._closing.run)
            tasks.start_soon(self._dropping.run)

    async def drained(self) -> None:
        """Return when everything has been written down and settled."""
        await self._closing.drained()
        await self._dropping.drained()

    async def _settle(self, settlements: list[Settlement]) -> None:
        closed = await self._write(settlements)
        self._on_settled([s for s in settlements if s.attempt.task.id in closed])
        tasks = [s.attempt.task.id for s in settlements]
        receipts = self._receipts.closed(tasks)
        again = [
            s for s in settlements if s.verdict is Verdict.RETRY and s.attempt.task.id in closed
        ]
        if again:
            self._publisher.publish(
                [s.attempt.failed_task() for s in again],
                [s.due for s in again if s.due is not None],
            )
        lost = [task for task in tasks if task not in closed]
        if lost:
            logger.warning("%d attempts had been taken over by others", len(lost))
        await self._acknowledge(receipts, refused=lost)

    async def _write(self, settlements: Sequence[Settlement]) -> set[UUID]:
        waiting = False
        while True:
            try:
                return await settle(
                    self._pool, self._runner, settlements, self._ids, self._clock.now()
                )
            except AdapterError as error:
                if not waiting:
                    logger.warning("%d settlements wait. %s", len(settlements), error)
                waiting = True
            await anyio.sleep(PAUSE)

    async def _drop(self, drops: list[_Dropping]) -> None:
        receipts = [receipt for drop in drops for receipt in drop.receipts]
        effects = [drop.effect for drop in drops]
        refused = [
            task for effect in effects if effect.reason is DropReason.REFUSED for task in effect.ids
        ]
        await self._acknowledge(receipts, refused=refused)

    async def _acknowledge(self, receipts: Sequence[str], *, refused: Sequence[UUID]) -> None:
        """Settle entries; one that stays behind is delivered again, refused, and dropped."""
        try:
            if refused:
                await unpublish(self._pool, refused)
            await self._queue.ack(receipts)
        except AdapterError as error:
            logger.warning("%d entries are left to be delivered again. %s", len(receipts), error)
