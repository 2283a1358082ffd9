"""A runner's lease on what it holds, and the rescue of what others held."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import anyio

from trx_core.clock import Clock
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_server.queue import LiveQueue, SlotLedger
from trx_server.runner.intake import Intake
from trx_server.runner.ledger_line import LedgerLine
from trx_server.store import Pool, leave, live_runners, register, renew, rescue

__all__ = ["Membership"]

logger = logging.getLogger(__name__)

BEATS_PER_LEASE: Final = 3


class Membership:
    """Beats the heart of a runner, and buries those whose heart has stopped.

    Again and again, none waiting for another: the lease is renewed, and it is stated which slots
    are held; the entries are kept alive; the tasks of runners whose lease has run out are queued
    again, and slots that nobody alive holds are given back.

    A runner that could not renew its own lease in time looks after nobody for one lease: what kept
    it from that, an outage of PostgreSQL or a machine that slept, may have kept the others, too.

    Args:
        pool: has the leases.
        queue: has the entries.
        ledger: has the slots.
        intake: keeps entries alive and adopts others.
        line: states what is held.
        runner: this one.
        ids: of log rows.
        clock: the wall's.
        lease_seconds: how long a runner may be silent.
        max_attempts: a task whose last attempt died with its runner becomes a dead letter.
        on_lease_lost: is called when others have taken over what was running.
    """

    def __init__(
        self,
        pool: Pool,
        queue: LiveQueue,
        ledger: SlotLedger,
        intake: Intake,
        line: LedgerLine,
        *,
        runner: UUID,
        ids: IdFactory,
        clock: Clock,
        lease_seconds: float,
        max_attempts: int,
        on_lease_lost: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._ledger = ledger
        self._intake = intake
        self._line = line
        self._runner = runner
        self._ids = ids
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._max_attempts = max_attempts
        self._on_lease_lost = on_lease_lost
        self._early = anyio.Event()
        self._renewed_at = float("-inf")
        self._looks_after_others_from = float("inf")
        self._buried: set[UUID] = set()

    async def join(self) -> None:
        """Register.

        Raises:
            AdapterError: PostgreSQL is away.
        """
        host, pid = socket.gethostname(), os.getpid()
        await register(self._pool, self._runner, host, pid, self._lease_seconds)
        self._note_renewal()

    def beat_now(self) -> None:
        """Do not wait for the next beat: the lease was lost."""
        self._early.set()
        self._early = anyio.Event()

    async def run(self) -> None:
        """Go on until it is cancelled; outages are logged once and waited out."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._repeat, "the lease was not renewed", self._renew)
            tasks.start_soon(self._repeat, "entries were not kept alive", self._intake.keep_alive)
            tasks.start_soon(self._repeat, "nobody was rescued", self._look_after_others)

    async def _repeat(self, failed: str, action: Callable[[], Awaitable[None]]) -> None:
        healthy = True
        while True:
            early = self._early
            try:
                await action()
                healthy = True
            except AdapterError as error:
                if healthy:
                    logger.warning("%s. %s", failed, error)
                healthy = False
            with anyio.move_on_after(self._lease_seconds / BEATS_PER_LEASE):
                await early.wait()

    async def leave(self) -> None:
        """Deregister, and give back every slot; what still runs is rescued by others at once."""
        try:
            await leave(self._pool, self._runner)
            await self._ledger.evict(self._runner)
            await self._queue.forget(str(self._runner))
        except AdapterError as error:
            logger.warning("left without a word; others clear up when the lease ends. %s", error)

    async def _renew(self) -> None:
        if await renew(self._pool, self._runner, self._lease_seconds):
            self._note_renewal()
        else:
            logger.warning("the lease was lost")
            self._line.state()
            self._on_lease_lost()
            await self.join()
        self._line.state()

    def _note_renewal(self) -> None:
        now = self._clock.now()
        if now - self._renewed_at > self._lease_seconds:
            self._looks_after_others_from = now + self._lease_seconds
        self._renewed_at = now

    async def _look_after_others(self) -> None:
        now = self._clock.now()
        if now - self._renewed_at > self._lease_seconds or now < self._looks_after_others_from:
            return
        found = await rescue(self._pool, self._max_attempts, self._ids, now)
        for dead in found.runners:
            logger.warning("runner %s is dead", dead)
        self._buried.update(found.runners)
        if found.runners:
            logger.info("%d tasks wait again, %d are dead letters", found.requeued, found.dead)
        await self._evict_the_dead()
        self._buried -= {dead for dead in self._buried if await self._queue.forget(str(dead))}

    async def _evict_the_dead(self) -> None:
        holders = await self._ledger.holders()
        alive = await live_runners(self._pool)
        for runner in holders - alive:
            slots = await self._ledger.evict(runner)
            logger.info("runner %s is gone; %d slots are free again", runner, sum(slots.values()))
