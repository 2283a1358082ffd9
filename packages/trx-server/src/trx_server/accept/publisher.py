"""Puts tasks of the ledger into the stream, and then notes in the ledger that they are there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final, NamedTuple

import anyio

from trx_core.clock import Clock, SystemClock
from trx_core.errors import AdapterError
from trx_core.models import Task
from trx_server.accept.coalescer import Coalescer
from trx_server.queue import LiveQueue
from trx_server.store import Pool, mark_published

__all__ = ["Publisher"]

logger = logging.getLogger(__name__)

LARGEST: Final = 10_000
MOST_WAITING: Final = 100_000
PAUSE: Final = 1.0


class _Entry(NamedTuple):
    task: Task
    due: float | None


class _Mark(NamedTuple):
    task: Task
    epoch: str


def _ignore(count: int) -> None:
    """Nobody counts."""


class Publisher:
    """The one way from the ledger into the stream: for accepted tasks, retries, and the relay.

    :meth:`publish` neither waits nor fails: what cannot be published now, or comes while 100,000
    wait, stays unpublished in the ledger, where a relay finds it. What came together is published
    in one round trip and noted in one statement.

    Args:
        queue: the stream.
        pool: the ledger.
        clock: tells when to turn to the queue again after it failed.
        count: is told how many entries were published.
    """

    def __init__(
        self,
        queue: LiveQueue,
        pool: Pool,
        *,
        clock: Clock | None = None,
        count: Callable[[int], None] = _ignore,
    ) -> None:
        self._queue = queue
        self._pool = pool
        self._clock = clock or SystemClock()
        self._count = count
        self._closed_until = 0.0
        self._left = 0
        self._outgoing: Coalescer[_Entry] = Coalescer(self._send, largest=LARGEST)
        self._marks: Coalescer[_Mark] = Coalescer(self._note, largest=LARGEST)

    def publish(self, tasks: Sequence[Task], due: Sequence[float] | None = None) -> None:
        """Have tasks published soon; with ``due``, each not to be delivered before (seconds)."""
        if len(self._outgoing) + len(tasks) > MOST_WAITING:
            self._leave(len(tasks))
            return
        if self._left:
            logger.warning("%d tasks were left to the relay; there is room again", self._left)
            self._left = 0
        self._outgoing.add(map(_Entry, tasks, repeat(None) if due is None else due))

    async def run(self) -> None:
        """Publish and note, until it is cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._outgoing.run)
            tasks.start_soon(self._marks.run)

    async def drained(self) -> None:
        """Return when what was given to :meth:`publish` is published and noted, or left alone."""
        await self._outgoing.drained()
        await self._marks.drained()

    async def transfer(self, tasks: Sequence[Task], due: Sequence[float | None]) -> str:
        """Publish tasks now; returns the epoch of the stream that they entered.

        Raises:
            AdapterError: the queue did not take them, or not all of them.
        """
        now = self._clock.now()
        instants = [now if instant is None else instant for instant in due]
        epoch = await self._queue.append(tasks, due=instants)
        self._count(len(tasks))
        return epoch

    def _leave(self, count: int) -> None:
        if not self._left:
            waiting = len(self._outgoing)
            logger.warning("%d tasks wait to be published; more are left to the relay", waiting)
        self._left += count

    async def _send(self, entries: list[_Entry]) -> None:
        if self._clock.now() < self._closed_until:
            return
        try:
            epoch = await self.transfer([e.task for e in entries], [e.due for e in entries])
        except AdapterError as error:
            self._closed_until = self._clock.now() + PAUSE
            logger.warning("%d tasks are left to the relay. %s", len(entries), error)
        else:
            self._marks.add(_Mark(entry.task, epoch) for entry in entries)

    async def _note(self, marks: list[_Mark]) -> None:
        for epoch in {mark.epoch for mark in marks}:
            tasks = [mark.task for mark in marks if mark.epoch == epoch]
            try:
                await mark_published(self._pool, tasks, epoch)
            except AdapterError as error:
                logger.warning("%d tasks will be published twice. %s", len(tasks), error)
