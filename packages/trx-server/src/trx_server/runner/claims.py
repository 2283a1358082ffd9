"""Makes tasks the runner's own before it carries them out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

from anyio.abc import TaskGroup

from trx_core.clock import Clock
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_core.kernel import Aborted, Claim, Claimed, Event
from trx_server.store import LeaseLostError, Pool, claim

__all__ = ["Claims"]

logger = logging.getLogger(__name__)

PAUSE: Final = 1.0


class Claims:
    """Carries out ``Claim`` in one statement; when PostgreSQL is away the round is aborted.

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
        now = self._clock.now()
        try:
            accepted = await claim(self._pool, self._runner, effect.attempts, self._ids, now)
        except LeaseLostError as error:
            logger.warning("%s", error)
            self._on_lease_lost()
            self._tell(Aborted(effect.round, now + PAUSE))
        except AdapterError as error:
            logger.warning("claims wait. %s", error)
            self._tell(Aborted(effect.round, now + PAUSE))
        else:
            self._tell(Claimed(effect.round, accepted))
