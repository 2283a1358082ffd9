"""The event loop that real workers run on: what blocks it does not stop the heart of the runner."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import anyio

__all__ = ["WorkerThread"]

logger = logging.getLogger(__name__)

BLOCKED_AFTER: Final = 5.0
STOP_WITHIN: Final = 5.0
LOOK_EVERY: Final = 0.01


class WorkerThread:
    """An event loop in a daemon thread, started when it is first needed.

    A worker that blocks stalls the other real workers and nothing else; that is said once. One that
    never comes to an end is left behind when the process ends.

    Args:
        on_stop: is awaited in the thread as the last thing.
    """

    def __init__(self, on_stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._on_stop = on_stop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None
        self._starting = threading.Lock()
        self._asked_at: float | None = None
        self._blocked = False

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Have ``function(*args)`` called in the thread, soon."""
        self._running_loop().call_soon_threadsafe(function, *args)

    def watch(self) -> None:
        """Called now and then: say once that the loop does not move."""
        if self._loop is None:
            return
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
            self._loop.call_soon_threadsafe(self._answer)
        elif now - self._asked_at > BLOCKED_AFTER and not self._blocked:
            self._blocked = True
            logger.error(
                "a worker blocks the event loop of the real workers for more than %g s; it must "
                "await what takes time, or hand it to a thread",
                BLOCKED_AFTER,
            )

    async def stop(self) -> None:
        """End the loop; one that does not end in time is left behind."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        with anyio.move_on_after(STOP_WITHIN):
            while self._thread.is_alive():
                await anyio.sleep(LOOK_EVERY)
            return
        logger.error("real workers that do not end when they are cancelled are left behind")

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                ready = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(ready,), name="trx-real-workers", daemon=True
                )
                self._thread.start()
                ready.wait()
        assert self._loop is not None
        return self._loop

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._main(ready))

    async def _main(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        ready.set()
        await self._stopping.wait()
        await self._on_stop()

    def _answer(self) -> None:
        self._asked_at = None
        if self._blocked:
            self._blocked = False
            logger.info("the event loop of the real workers moves again")
