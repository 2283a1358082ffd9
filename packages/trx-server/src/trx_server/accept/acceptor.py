"""Stores submitted tasks in micro-batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, NamedTuple

from trx_core.errors import AdapterError
from trx_core.models import Task
from trx_server.accept.coalescer import Coalescer

__all__ = ["Acceptor", "OverloadedError"]

ROWS: Final = 10_000
"""Most rows of one statement; a larger submission is a statement by itself."""


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
    """

    def __init__(
        self,
        store: Callable[[Sequence[Task]], Awaitable[object]],
        stored: Callable[[Sequence[Task]], None],
        *,
        most_waiting: int,
    ) -> None:
        self._store = store
        self._stored = stored
        self._most_waiting = most_waiting
        self._submissions: Coalescer[_Submission] = Coalescer(self._write, largest=ROWS)
        self.waiting = 0

    async def submit(self, tasks: Sequence[Task]) -> None:
        """Return when ``tasks`` are committed, all of them.

        Raises:
            OverloadedError: too many tasks wait; nothing was stored.
            AdapterError: PostgreSQL failed; unless it says otherwise nothing was stored.
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
            await self._store(tasks)
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
