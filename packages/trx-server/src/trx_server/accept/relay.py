"""Publishes what is accepted but not in the stream: the reading end of the outbox.

The transactional outbox pattern (C. Richardson, "Microservices Patterns", 2018, chapter 3). A task
is in the outbox after a crash between commit and publication, after an outage of Redis, after its
runner died, and when Redis lost what it held (it then has another epoch).
"""

from __future__ import annotations

import logging
from typing import Final

import anyio

from trx_core.errors import AdapterError
from trx_server.accept.publisher import Publisher
from trx_server.queue import LiveQueue
from trx_server.store import Pool, take_unpublished

__all__ = ["Relay"]

logger = logging.getLogger(__name__)

BATCH: Final = 1000
EVERY: Final = 0.5
GRACE: Final = 3.0


class Relay:
    """Runs in every API and runner process; several at once never publish one row twice.

    Args:
        pool: the ledger.
        queue: the stream.
        publisher: puts tasks into it.
        every: seconds between two looks.
        grace: seconds that a task is left to the process that accepted it.

    Attributes:
        healthy: whether the latest look succeeded; ``None`` before the first.
    """

    def __init__(
        self,
        pool: Pool,
        queue: LiveQueue,
        publisher: Publisher,
        *,
        every: float = EVERY,
        grace: float = GRACE,
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._publisher = publisher
        self._every = every
        self._grace = grace
        self._epoch: str | None = None
        self.healthy: bool | None = None

    async def run(self) -> None:
        """Look after the outbox until it is cancelled; outages are logged once and waited out."""
        while True:
            try:
                while await self.sweep() == BATCH:
                    pass
            except AdapterError as error:
                if self.healthy is not False:
                    logger.warning("the relay waits. %s", error)
                self.healthy = False
            else:
                self.healthy = True
            await anyio.sleep(self._every)

    async def sweep(self) -> int:
        """Publish one batch of what is in the outbox; returns how many tasks.

        Raises:
            AdapterError: a server is away.
        """
        epoch = await self._queue.ensure()
        if epoch != self._epoch:
            logger.info("the stream's epoch is %s", epoch, extra={"previous": self._epoch})
            self._epoch = epoch
        async with take_unpublished(self._pool, BATCH, self._grace, epoch) as rows:
            if rows:
                tasks, due = zip(*rows, strict=True)
                await self._publisher.transfer(tasks, due)
        return len(rows)
