"""Makes tasks the runner's own before it carries them out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

import anyio
from anyio.abc import TaskGroup

from trx_core.clock import Clock
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_core.kernel import Aborted, Claim, Claimed, Event
from trx_server.store import LeaseLostError, Pool, claim

__all__ = ["Claims"]

logger = logging.getLogger(__name__)

PAUSE: Final = 0.5


class Claims:
    """Carries out ``Claim`` in one statement, repeated while PostgreSQL is away.

    The round stays open meanwhile: a claim whose answer was lost may have been carried out, so that
    its tasks must neither be forgotten nor placed elsewhere.

    Args:
        pool: the ledger of record.
        runner: who claims.
        ids: of log rows.
        clock: the wall's.
        tasks: where the waiting goes on.
        tell: takes the answers.
        on_lease_lost: is called when the runner is registered no more.
    """

    def __init__(
        self,
        pool: Pool,
        runner: UUID,
        ids: IdFactory,
        clock: Clock,
        *,
        tasks: TaskGroup,
        tell: Callable[[Event], None],
        on_lease_lost: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._runner = runner
        self._ids = ids
        self._clock = clock
        self._tasks = tasks
        self._tell = tell
        self._on_lease_lost = on_lease_lost

    def claim(self, effect: Claim) -> None:
        """Have tasks claimed; the answer follows."""
        self._tasks.start_soon(self._claim, effect)

    async def _claim(self, effect: Claim) -> None:
        waiting = False
        while True:
            now = self._clock.now()
            try:
                accepted = await claim(self._pool, self._runner, effect.attempts, self._ids, now)
            except LeaseLostError as error:
                logger.warning("%s", error)
                self._on_lease_lost()
                self._tell(Aborted(effect.round, now + PAUSE))
                return
            except AdapterError as error:
                if not waiting:
                    logger.warning("%d claims wait. %s", len(effect.attempts), error)
                waiting = True
            else:
                self._tell(Claimed(effect.round, accepted))
                return
            await anyio.sleep(PAUSE)
