"""A process under a restart policy."""

from __future__ import annotations

import anyio

from trx_core.errors import OperatorError, TrxError
from trx_server.embedded.backoff import Backoff
from trx_server.embedded.events import EventKind, ProcessEvent, Report
from trx_server.embedded.logs import log_size, tail
from trx_server.embedded.process import ProcessSpec, Restart, TetheredProcess, say_exit

__all__ = ["SupervisedProcess"]

PROBE_EVERY = 0.05
PROBE_TIMEOUT = 5.0


class SupervisedProcess:
    """A process that is restarted until it is stopped or keeps dying."""

    def __init__(self, spec: ProcessSpec, backoff: Backoff, on_event: Report) -> None:
        self.spec = spec
        self.pid: int | None = None
        self.exit_code: int | None = None
        self.was_ready = False
        self._backoff = backoff
        self._on_event = on_event
        self._ready = anyio.Event()
        self._stopping = anyio.Event()
        self._ended = anyio.Event()
        self._failure: TrxError | None = None
        self._life: TetheredProcess | None = None
        self._log_from = 0
        self._ready_at: float | None = None

    async def wait_ready(self) -> None:
        """Return once it has been ready for the first time.

        Raises:
            TrxError: it will not be.
        """
        await self._ready.wait()
        if self._failure is not None and not self.was_ready:
            raise self._failure

    async def wait(self) -> int | None:
        """Return its last exit code once it has ended and will not be restarted."""
        await self._ended.wait()
        return self.exit_code

    async def stop(self) -> None:
        """End it, by the signals of ``spec.stop``; return when it has ended."""
        self._stopping.set()
        if self._life is not None:
            self._life.let_go()
        await self._ended.wait()

    async def run(self) -> TrxError | None:
        """Keep it running, whatever is cancelled, until :meth:`stop`; return why it was given up.

        Only a supervisor calls this, once.
        """
        with anyio.CancelScope(shield=True):
            try:
                await self._keep_running()
            except TrxError as error:
                self._failure = error
                self._tell(EventKind.GAVE_UP, detail=error.message)
            finally:
                self._ready.set()
                self._ended.set()
        return self._failure

    async def _keep_running(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            await self._live()
            if self._stopping.is_set():
                break
            if not self.was_ready:
                raise self._did_not_start(f"ended with {self._last_exit} before it was ready")
            if self.spec.restart is Restart.NEVER:
                break
            failures = failures + 1 if self._served < self._backoff.quick else 1
            if failures > self._backoff.patience:
                raise self._keeps_dying(failures)
            delay = self._backoff.delay(failures)
            self._tell(EventKind.RESTARTING, detail=f"in {delay:g} s")
            with anyio.move_on_after(delay):
                await self._stopping.wait()

    async def _live(self) -> None:
        """One life, from the start to the end of the process."""
        await self._prepare()
        if self._stopping.is_set():
            return
        self._log_from = log_size(self.spec.log) if self.spec.log else 0
        life = self._life = TetheredProcess.spawn(self.spec)
        self._ready_at = None
        try:
            self.pid = await life.started(self.spec)
            self._tell(EventKind.STARTED)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._become_ready, life)
                await life.exited()
                tasks.cancel_scope.cancel()
        finally:
            self.exit_code = await life.end()
            self._life = None
        ended = EventKind.STOPPED if self._stopping.is_set() else EventKind.EXITED
        self._tell(ended, detail=self._last_exit)
        self.pid = None

    async def _prepare(self) -> None:
        if self.spec.prepare is None:
            return
        try:
            await self.spec.prepare()
        except OSError as error:
            raise self._did_not_start(f"cannot be started: {error}") from error

    async def _become_ready(self, life: TetheredProcess) -> None:
        """Wait until the process serves; end it if it does not in time."""
        obstacle = await self._obstacle()
        if obstacle is not None:
            if not self.was_ready:
                self._failure = self._did_not_start(obstacle)
            life.let_go()
            return
        self.was_ready = True
        self._ready_at = anyio.current_time()
        self._ready.set()
        self._tell(EventKind.READY)

    async def _obstacle(self) -> str | None:
        """Why the process does not serve in time; ``None`` as soon as it does."""
        if self.spec.ready is None:
            return None
        last: BaseException = TimeoutError("no answer")
        with anyio.move_on_after(self.spec.ready_within):
            while True:
                try:
                    with anyio.fail_after(PROBE_TIMEOUT):
                        await self.spec.ready()
                except Exception as error:
                    last = error
                else:
                    return None
                await anyio.sleep(PROBE_EVERY)
        return f"did not serve within {self.spec.ready_within:g} s: {last}"

    @property
    def _served(self) -> float:
        """Seconds since the process was ready in its last life, 0 if it never was."""
        return 0.0 if self._ready_at is None else anyio.current_time() - self._ready_at

    @property
    def _last_exit(self) -> str:
        return say_exit(self.exit_code or 0)

    def _tell(self, kind: EventKind, *, detail: str = "") -> None:
        code = self.exit_code if kind in (EventKind.EXITED, EventKind.STOPPED) else None
        self._on_event(ProcessEvent(self.spec.name, kind, self.pid, code, detail))

    def _did_not_start(self, what: str) -> TrxError:
        if self._failure is not None:
            return self._failure
        return OperatorError(f"{self.spec.name} {what}.", code="TRX-O207", hint=self._hint())

    def _keeps_dying(self, times: int) -> OperatorError:
        return OperatorError(
            f"{self.spec.name} ended {times} times in a row within {self._backoff.quick:g} s of "
            f"being ready, last with {self._last_exit}; it is not started again.",
            code="TRX-O208",
            hint=self._hint(),
        )

    def _hint(self) -> str | None:
        """What to do, and the last lines of the log of this life."""
        advice = [self.spec.advice] if self.spec.advice else []
        if self.spec.log is not None and (lines := tail(self.spec.log, since=self._log_from)):
            advice.append(f"The last lines of {self.spec.log}:\n  " + "\n  ".join(lines))
        return " ".join(advice) or None
