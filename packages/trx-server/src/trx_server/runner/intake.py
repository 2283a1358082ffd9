"""Fills the kernel's window from the queue, and keeps what it holds there alive."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

import anyio

from trx_core.clock import Clock
from trx_core.engine import Decider
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_core.kernel import Arrived, Cancelled, Event, Kernel
from trx_core.protocols import Delivery
from trx_server.codec import PoisonError, decode
from trx_server.queue import LiveQueue
from trx_server.runner.receipts import Receipts
from trx_server.store import Poison, Pool, bury_poison

__all__ = ["Intake"]

logger = logging.getLogger(__name__)

WAIT: Final = 1.0
PAUSE: Final = 0.5


class Intake:
    """Reads as many tasks as the window has room for; a full window reads none.

    Args:
        queue: read by all runners.
        kernel: whose window is filled.
        decider: its algorithm says in which order.
        receipts: notes what was delivered.
        pool: where messages that cannot be read are kept as dead letters.
        ids: of log rows.
        clock: the wall's.
        lease_seconds: entries that nobody kept alive for so long are taken over.
        tell: takes the tasks.
    """

    def __init__(
        self,
        queue: LiveQueue,
        kernel: Kernel,
        decider: Decider,
        receipts: Receipts,
        *,
        pool: Pool,
        ids: IdFactory,
        clock: Clock,
        lease_seconds: float,
        tell: Callable[[Event], None],
    ) -> None:
        self._queue = queue
        self._kernel = kernel
        self._decider = decider
        self._receipts = receipts
        self._pool = pool
        self._ids = ids
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._tell = tell
        self._room = anyio.Event()
        self._open = True
        self._read_last = anyio.Event()
        self._adopting = anyio.Lock()

    def look_for_room(self) -> None:
        """Called after every event: wake the reader when the window has room."""
        if self._kernel.room:
            self._room.set()

    def close(self) -> None:
        """Begin no more reading; what is being read is still taken in, see :meth:`closed`."""
        self._open = False
        self._room.set()

    async def closed(self) -> None:
        """Return when nothing comes in any more."""
        await self._read_last.wait()
        async with self._adopting:
            return

    async def run(self) -> None:
        """Read until it is closed; outages are logged once and waited out."""
        healthy = True
        while self._open:
            self._room = anyio.Event()
            room = self._kernel.room
            if not room:
                await self._room.wait()
                continue
            try:
                await self._take_in(
                    await self._queue.fetch(room, self._decider.chosen.order, wait=WAIT)
                )
                healthy = True
            except AdapterError as error:
                if healthy:
                    logger.warning("reading waits. %s", error)
                healthy = False
                await anyio.sleep(PAUSE)
        self._read_last.set()

    async def keep_alive(self) -> None:
        """Keep what is held from being adopted, and adopt what others no longer keep alive.

        What waits here though its entry is lost, or was adopted by others, is dropped.

        Raises:
            AdapterError: the queue is away.
        """
        lost = await self._queue.keep_alive(self._receipts.all())
        if lost:
            self._tell(Cancelled(self._receipts.lose(lost)))
        async with self._adopting:
            room = self._kernel.room if self._open else 0
            if room:
                adopted = await self._queue.adopt(self._lease_seconds, room)
                if adopted:
                    logger.info("took over %d entries that nobody kept alive", len(adopted))
                await self._take_in(adopted)

    async def _take_in(self, deliveries: Sequence[Delivery]) -> None:
        tasks = self._receipts.add(deliveries)
        if tasks:
            self._tell(Arrived(tasks))
        poison = [delivery for delivery in deliveries if delivery.task is None]
        if poison:
            await self._bury(poison)

    async def _bury(self, poison: Sequence[Delivery]) -> None:
        """Keep what cannot be read as dead letters; until that succeeds it stays pending."""
        messages = [_poison(delivery) for delivery in poison]
        await bury_poison(self._pool, messages, self._ids, self._clock.now())
        await self._queue.ack([delivery.receipt for delivery in poison])
        logger.error("%d messages could not be read and are dead letters", len(poison))


def _poison(delivery: Delivery) -> Poison:
    raw = delivery.raw or {}
    try:
        decode(next(iter(raw.values()), ""))
    except PoisonError as error:
        return Poison(error.task_id, raw, error.detail)
    return Poison(None, raw, "the entry has other fields than a task's message")
