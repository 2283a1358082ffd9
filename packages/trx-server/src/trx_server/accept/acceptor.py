"""Stores submitted tasks in micro-batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, NamedTuple

import anyio

from trx_core.errors import AdapterError
from trx_core.models import Task
from trx_server.accept.coalescer import Coalescer
from trx_server.store import NothingWrittenError

__all__ = ["Acceptor", "OverloadedError"]

logger = logging.getLogger(__name__)

ROWS: Final = 10_000
"""Most rows of one statement; a larger submission is a statement by itself."""

INSIST_FOR: Final = 10.0
"""Seconds for which a batch whose answer was lost is written again."""

PAUSE: Final = 0.1


class OverloadedError(AdapterError):
    """``TRX-A304``: more waits to be stored than may wait."""


class _Submission(NamedTuple):
    tasks: Sequence[Task]
    stored: asyncio.Future[None]


class Acceptor:
    """Joins concurrent submissions into one statement and one commit.

    Args:
        store: writes tasks, all or none; may be repeated for the same tasks.
        stored: is told what was committed.
        most_waiting: tasks that may wait to be stored.
        insist_for: seconds for which a batch is written again when it is not known whether it was.
    """

    def __init__(
        self,
        store: Callable[[Sequence[Task]], Awaitable[object]],
        stored: Callable[[Sequence[Task]], None],
        *,
        most_waiting: int,
        insist_for: float = INSIST_FOR,
    ) -> None:
        self._store = store
        self._stored = stored
        self._most_waiting = most_waiting
        self._insist_for = insist_for
        self._submissions: Coalescer[_Submission] = Coalescer(self._write, largest=ROWS)
        self.waiting = 0

    async def submit(self, tasks: Sequence[Task]) -> None:
        """Return when ``tasks`` are committed, all of them.

        Raises:
            OverloadedError: too many tasks wait; nothing was stored.
            NothingWrittenError: nothing was stored.
            AdapterError: it is not known whether ``tasks`` were stored, all of them, or none.
        """
        if self.waiting and self.waiting + len(tasks) > self._most_waiting:
            raise OverloadedError(
                f"{self.waiting} tasks wait to be stored.",
                code="TRX-A304",
                hint="Submit more slowly, or run more API processes.",
            )
        stored = asyncio.get_running_loop().create_future()
        self.waiting += len(tasks)
        self._submissions.add([_Submission(tasks, stored)])
        await stored

    async def run(self) -> None:
        """Write what is submitted, until it is cancelled."""
        await self._submissions.run()

    async def drained(self) -> None:
        """Return when every submission has been written or refused."""
        await self._submissions.drained()

    async def _write(self, submissions: list[_Submission]) -> None:
        for group in _statements(submissions):
            await self._store_group(group)
            self.waiting -= sum(len(submission.tasks) for submission in group)

    async def _store_group(self, group: list[_Submission]) -> None:
        tasks = [task for submission in group for task in submission.tasks]
        try:
            await self._insist(tasks)
        except AdapterError as error:
            _settle(group, error)
        except Exception as error:
            if len(group) == 1:
                _settle(group, error)
                return
            for submission in group:
                await self._store_group([submission])
        else:
            self._stored(tasks)
            _settle(group, None)

    async def _insist(self, tasks: Sequence[Task]) -> None:
        """Store ``tasks``, again if the answer is lost: what is there already is left alone."""
        give_up = anyio.current_time() + self._insist_for
        lost: AdapterError | None = None
        while True:
            try:
                await self._store(tasks)
                return
            except NothingWrittenError:
                if lost is None:
                    raise
            except AdapterError as error:
                if lost is None:
                    logger.warning("%s A batch of %d tasks is written again.", error, len(tasks))
                lost = error
            if anyio.current_time() >= give_up:
                raise lost
            await anyio.sleep(PAUSE)


def _statements(submissions: Sequence[_Submission]) -> Iterator[list[_Submission]]:
    """Groups of submissions that together have at most ``ROWS`` tasks."""
    group: list[_Submission] = []
    rows = 0
    for submission in submissions:
        if group and rows + len(submission.tasks) > ROWS:
            yield group
            group, rows = [], 0
        group.append(submission)
        rows += len(submission.tasks)
    if group:
        yield group


def _settle(group: Sequence[_Submission], error: Exception | None) -> None:
    for submission in group:
        if submission.stored.done():
            continue
        if error is None:
            submission.stored.set_result(None)
        else:
            submission.stored.set_exception(error)
