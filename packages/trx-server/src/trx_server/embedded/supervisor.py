"""Keeps a set of processes running, and leaves none of them behind."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from trx_core.errors import OperatorError, TrxError
from trx_server.embedded.backoff import Backoff
from trx_server.embedded.events import EventKind, ProcessEvent, Report
from trx_server.embedded.process import ProcessSpec
from trx_server.embedded.supervised import SupervisedProcess

__all__ = ["Supervisor", "log_event"]

logger = logging.getLogger(__name__)

LEVELS = {EventKind.EXITED: logging.WARNING, EventKind.GAVE_UP: logging.ERROR}


def log_event(event: ProcessEvent) -> None:
    """Report an event to the log."""
    logger.log(LEVELS.get(event.kind, logging.INFO), "%s", event)


class Supervisor:
    """Starts processes, restarts those that die, stops them in reverse order.

    An asynchronous context manager. When a process that is to be kept running keeps dying, the
    body of the ``async with`` is cancelled and the statement raises the reason::

        async with Supervisor() as supervisor:
            await supervisor.start(ProcessSpec(name="api", argv=[...]))
            await supervisor.start(ProcessSpec(name="runner-1", argv=[...]))
            await anyio.sleep_forever()

    No process outlives the supervisor, even if that is killed by SIGKILL.

    Args:
        on_event: gets every event; the default writes them to the log.
        backoff: how restarts are spaced, and when they are given up.

    Raises:
        OperatorError: TRX-O208, a process kept dying; TRX-O207, one cannot be run.
    """

    def __init__(self, *, on_event: Report = log_event, backoff: Backoff | None = None) -> None:
        self._on_event = on_event
        self._backoff = backoff or Backoff()
        self._processes: dict[str, SupervisedProcess] = {}
        self._failure: TrxError | None = None
        self._tasks: TaskGroup

    async def __aenter__(self) -> Self:
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        with anyio.CancelScope(shield=True):
            for process in reversed(self._processes.values()):
                await process.stop()
        if error is not None and not isinstance(error, anyio.get_cancelled_exc_class()):
            await self._tasks.__aexit__(None, None, None)
            return False
        swallowed = await self._tasks.__aexit__(kind, error, trace)
        if self._failure is not None and (error is None or swallowed):
            raise self._failure
        return swallowed

    async def start(self, spec: ProcessSpec) -> SupervisedProcess:
        """Start a process and return when it is ready.

        Raises:
            OperatorError: TRX-O206, ``spec.name`` is taken; TRX-O207, the process cannot be run,
                ended before it was ready, or was not ready in time.
        """
        if spec.name in self._processes:
            raise OperatorError(f"process {spec.name!r} is already supervised.", code="TRX-O206")
        process = SupervisedProcess(spec, self._backoff, self._on_event)
        self._processes[spec.name] = process
        self._tasks.start_soon(self._keep, process)
        try:
            await process.wait_ready()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self.stop(spec.name)
            raise
        return process

    def pids(self) -> dict[str, int]:
        """The ids of the processes that run at the moment, by name."""
        return {name: p.pid for name, p in self._processes.items() if p.pid is not None}

    async def stop(self, name: str) -> None:
        """Stop one process and forget it."""
        await self._processes[name].stop()
        del self._processes[name]

    async def _keep(self, process: SupervisedProcess) -> None:
        failure = await process.run()
        if failure is not None and process.was_ready:
            self._failure = self._failure or failure
            self._tasks.cancel_scope.cancel()
