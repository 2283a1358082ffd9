"""One supervised command: what it is, and one life of it at the end of a tether."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING

import anyio

from trx_core.errors import OperatorError
from trx_server.embedded import tether
from trx_server.embedded.logs import open_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trx_server.embedded.account import Account

__all__ = ["ProcessSpec", "Restart", "StopLadder", "TetheredProcess", "run_to_end", "say_exit"]

StopLadder = Sequence[tuple[signal.Signals, float]]
"""Signals that end a process, each with seconds of patience before the next; SIGKILL is last."""


class Restart(Enum):
    """What to do when a process ends without being asked to."""

    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """A command to keep running.

    Attributes:
        name: how events and errors call it; unique in one supervisor.
        argv: the command, the first item being a path or found on ``PATH``.
        env: its whole environment; ``None`` inherits ours.
        cwd: its working directory; ``None`` inherits ours.
        log: file that gets its output, appended to; ``None`` inherits our output.
        account: run as this account; ``None`` runs as ourselves.
        restart: what to do when it ends by itself.
        stop: how it is ended, by :meth:`Supervisor.stop` and when the supervisor dies alike.
        prepare: awaited before every start.
        ready: returns when the process serves, raises as long as it does not; tried again and
            again. ``None``: it serves as soon as it runs.
        ready_within: seconds that ``ready`` has.
        advice: what the operator can do when it does not start.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    log: Path | None = None
    account: Account | None = None
    restart: Restart = Restart.ALWAYS
    stop: StopLadder = ((signal.SIGTERM, 10.0),)
    prepare: Callable[[], Awaitable[None]] | None = None
    ready: Callable[[], Awaitable[object]] | None = None
    ready_within: float = 60.0
    advice: str = ""


class TetheredProcess:
    """One life of a command. It ends when asked to, or with this process, however that ends."""

    def __init__(self, launcher: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._launcher = launcher
        self._control = control
        self._unread = b""
        self._code: int | None = None

    @classmethod
    def spawn(cls, spec: ProcessSpec) -> TetheredProcess:
        """Start it.

        Raises:
            OperatorError: TRX-O207, there is no process or no log file to be had.
        """
        control, other_end = socket.socketpair()
        control.setblocking(False)
        with other_end:
            try:
                with _output(spec.log) as output:
                    launcher = subprocess.Popen(
                        _tether_command(spec, other_end.fileno()),
                        env=spec.env,
                        cwd=spec.cwd,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT if output else None,
                        pass_fds=(other_end.fileno(),),
                        start_new_session=True,
                    )
            except OSError as error:
                control.close()
                raise _cannot_run(spec, str(error)) from error
        return cls(launcher, control)

    async def started(self, spec: ProcessSpec) -> int:
        """Its process id, once it runs.

        Raises:
            OperatorError: TRX-O207, the command cannot be run.
        """
        kind, _, value = (await self._report()).partition(" ")
        if kind == "pid":
            return int(value)
        self._reap(-signal.SIGKILL)
        raise _cannot_run(spec, value or "its launcher was killed")

    async def exited(self) -> int:
        """Its exit code, or minus the number of the signal that ended it, once it has ended."""
        if self._code is None:
            code = -signal.SIGKILL
            while report := await self._report():
                kind, _, value = report.partition(" ")
                code = int(value) if kind == "exit" else code
            self._reap(code)
        return self._code if self._code is not None else -signal.SIGKILL

    def let_go(self) -> None:
        """Ask for the end; :meth:`exited` tells when it has come."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)

    async def end(self) -> int:
        """Ask for the end and wait for it."""
        self.let_go()
        return await self.exited()

    def _reap(self, code: int) -> None:
        """Reap the launcher, whose unreaped id still guards its process group from reuse."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._launcher.pid, signal.SIGKILL)
        self._launcher.wait()
        self._control.close()
        self._code = code

    async def _report(self) -> str:
        """The launcher's next line; empty when it has ended."""
        while b"\n" not in self._unread:
            await anyio.wait_readable(self._control)
            try:
                data = self._control.recv(4096)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                data = b""
            if not data:
                return ""
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode(errors="replace")


async def run_to_end(spec: ProcessSpec) -> int:
    """Run a command once and return its exit code; when cancelled, end it first."""
    process = TetheredProcess.spawn(spec)
    try:
        await process.started(spec)
        return await process.exited()
    finally:
        with anyio.CancelScope(shield=True):
            await process.end()


def say_exit(code: int) -> str:
    """``exit code 1`` or ``signal SIGKILL``."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _tether_command(spec: ProcessSpec, descriptor: int) -> list[str]:
    account = f"{spec.account.uid}:{spec.account.gid}" if spec.account else "-"
    ladder = ",".join(f"{int(number)}:{patience:g}" for number, patience in spec.stop)
    launcher = [sys.executable, "-I", "-S", str(Path(tether.__file__).resolve())]
    return [*launcher, str(descriptor), str(os.getpid()), account, ladder, *spec.argv]


@contextmanager
def _output(log: Path | None) -> Iterator[IO[bytes] | None]:
    if log is None:
        yield None
        return
    with open_log(log) as file:
        yield file


def _cannot_run(spec: ProcessSpec, reason: str) -> OperatorError:
    return OperatorError(
        f"cannot run {spec.name} ({spec.argv[0]}): {reason}.",
        code="TRX-O207",
        hint=spec.advice or None,
    )
