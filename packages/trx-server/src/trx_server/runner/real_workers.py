"""Carries out attempts on real workers: calls them, and tells what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import anyio

from trx_core.engine import is_sound
from trx_core.errors import PluginError, TrxError, describe
from trx_core.kernel import Event, Finished
from trx_core.models import Attempt, ErrorKind, Outcome, WorkerPool
from trx_core.protocols import Closeable, Worker
from trx_server.runner.worker_thread import WorkerThread

__all__ = ["RealWorkers"]

logger = logging.getLogger(__name__)

WATCH_EVERY: Final = 1.0

_Key = tuple[UUID, int]


class RealWorkers:
    """Has attempts carried out by the workers of their pools, all on one event loop beside ours.

    Attempts go over in batches, and those that end together are told together. An attempt that is
    cancelled, because nobody wants its result or because the runner stops, tells nothing.

    Args:
        build: makes the worker of a pool; called again when the pool has changed.
        tell: takes the answers.
    """

    def __init__(
        self, build: Callable[[WorkerPool], Worker], *, tell: Callable[[Event], None]
    ) -> None:
        self._build = build
        self._tell = tell
        self._crews: dict[UUID, _Crew] = {}
        self._thread = WorkerThread(self._stop)
        self._running: dict[_Key, asyncio.Task[None]] = {}
        self._closings: set[asyncio.Task[None]] = set()
        self._results: deque[tuple[Attempt, Outcome]] = deque()
        self._host: asyncio.AbstractEventLoop | None = None
        self._news = anyio.Event()

    def prepare(self, pool: WorkerPool) -> None:
        """Make the worker of a pool now, if it is new or has changed.

        Raises:
            TrxError: whatever making it raises; the worker that the pool had stays.
        """
        known = self._crews.get(pool.id)
        if known is not None and known.pool == pool:
            return
        self._crews[pool.id] = _Crew(self._build(pool), pool)
        if known is not None:
            self._thread.call(self._retire, known)

    def of(self, pool: WorkerPool) -> Worker:
        """The worker of a pool.

        Raises:
            TrxError: whatever making it raises.
        """
        if pool.id not in self._crews:
            self.prepare(pool)
        return self._crews[pool.id].worker

    def start(self, attempts: Sequence[Attempt]) -> None:
        """Begin attempts."""
        for attempt in attempts:
            try:
                if attempt.pool.id not in self._crews:
                    self.prepare(attempt.pool)
            except TrxError as error:
                logger.error("%s", error)
                self._end(attempt, _failed(0.0, str(error)))
        ready = [(self._crews[a.pool.id], a) for a in attempts if a.pool.id in self._crews]
        self._thread.call(self._begin, ready)

    def abandon(self, attempts: Sequence[Attempt]) -> None:
        """Cancel attempts."""
        if self._crews:
            self._thread.call(self._cancel, [_key(attempt) for attempt in attempts])

    async def run(self) -> None:
        """Tell what ends until it is cancelled; then everything that still runs is cancelled."""
        self._host = asyncio.get_running_loop()
        try:
            while True:
                with anyio.move_on_after(WATCH_EVERY):
                    await self._news.wait()
                self._news = anyio.Event()
                self._tell_results()
                self._thread.watch()
        finally:
            self._host = None
            with anyio.CancelScope(shield=True):
                await self._thread.stop()

    def _tell_results(self) -> None:
        results = []
        while self._results:
            results.append(self._results.popleft())
        if results:
            self._tell(Finished(results))

    def _end(self, attempt: Attempt, outcome: Outcome) -> None:
        """From either thread."""
        self._results.append((attempt, outcome))
        host = self._host
        if host is not None:
            host.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._news.set()

    # In the thread.

    def _begin(self, ready: Sequence[tuple[_Crew, Attempt]]) -> None:
        for crew, attempt in ready:
            crew.running += 1
            task = asyncio.create_task(self._carry_out(crew, attempt))
            self._running[_key(attempt)] = task
            task.add_done_callback(partial(self._ended, crew, attempt))

    def _ended(self, crew: _Crew, attempt: Attempt, task: asyncio.Task[None]) -> None:
        del self._running[_key(attempt)]
        crew.running -= 1
        self._close_if_idle(crew)

    async def _carry_out(self, crew: _Crew, attempt: Attempt) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            outcome = await crew.worker.execute(attempt.running_task(), attempt.pool)
            if not is_sound(outcome):
                outcome = _blamed(attempt, loop.time() - began, f"returned {outcome!r}")
        except BaseException as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
                raise
            what = f"raised {describe(error)}"
            outcome = _blamed(attempt, loop.time() - began, what)
        self._end(attempt, outcome)

    def _cancel(self, keys: Sequence[_Key]) -> None:
        for key in keys:
            if key in self._running:
                self._running[key].cancel("others have taken over the attempt")

    def _retire(self, crew: _Crew) -> None:
        crew.retired = True
        self._close_if_idle(crew)

    def _close_if_idle(self, crew: _Crew) -> None:
        if crew.retired and not crew.running:
            closing = asyncio.create_task(_close(crew))
            self._closings.add(closing)
            closing.add_done_callback(self._closings.discard)

    async def _stop(self) -> None:
        running = list(self._running.values())
        for task in running:
            task.cancel("the runner stops")
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*self._closings, *map(_close, self._crews.values()))


class _Crew:
    """The worker of a pool, as the pool is."""

    __slots__ = ("pool", "retired", "running", "worker")

    def __init__(self, worker: Worker, pool: WorkerPool) -> None:
        self.worker = worker
        self.pool = pool
        self.running = 0
        self.retired = False


def _key(attempt: Attempt) -> _Key:
    return attempt.task.id, attempt.number


async def _close(crew: _Crew) -> None:
    if isinstance(crew.worker, Closeable):
        try:
            await crew.worker.aclose()
        except Exception:
            logger.exception("the worker of pool %s could not be closed", crew.pool.name)


def _blamed(attempt: Attempt, seconds: float, what: str) -> Outcome:
    pool = attempt.pool
    error = PluginError(
        f"the worker {pool.worker.kind!r} of pool {pool.name!r} {what}.",
        code="TRX-P137",
        hint="It must return an Outcome with a finite latency and cost, not negative, and an "
        "error exactly when it fails.",
    )
    logger.error("%s", error)
    return _failed(seconds, str(error))


def _failed(seconds: float, detail: str) -> Outcome:
    return Outcome(seconds, False, 0.0, ErrorKind.TRANSIENT, detail)
