"""Servers that a killed supervisor left on a data directory."""

from __future__ import annotations

import signal
from pathlib import Path

import anyio
import psutil

from trx_core.errors import OperatorError
from trx_server.embedded.process import StopLadder

__all__ = ["find_strays", "stop_strays"]

LOOK_EVERY = 0.05
KILLED_WITHIN = 5.0


def find_strays(name: str, folder: Path) -> list[psutil.Process]:
    """Processes called ``name`` whose working directory is ``folder``, parents first.

    Both servers work in their data folder, so this finds none but those on our own data.
    """
    home = str(folder.resolve())
    found = [p for p in psutil.process_iter(["name", "pid"]) if _is_stray(p, name, home)]
    return sorted(found, key=lambda process: process.create_time())


async def stop_strays(name: str, folder: Path, ladder: StopLadder) -> None:
    """Stop every stray server on ``folder``, gently first.

    Raises:
        OperatorError: TRX-O209, one of them cannot be ended.
    """
    for number, patience in (*ladder, (signal.SIGKILL, KILLED_WITHIN)):
        strays = find_strays(name, folder)
        if not strays:
            return
        targets = strays if number is signal.SIGKILL else strays[:1]
        for process in targets:
            _send(process, number)
        with anyio.move_on_after(patience):
            while any(process.is_running() and not _is_dead(process) for process in strays):
                await anyio.sleep(LOOK_EVERY)
    if strays := find_strays(name, folder):
        raise OperatorError(
            f"{name} (process {strays[0].pid}) is still running on {folder} and cannot be ended.",
            code="TRX-O209",
            hint="End it by hand, then start again.",
        )


def _is_stray(process: psutil.Process, name: str, home: str) -> bool:
    try:
        return process.info["name"] == name and process.cwd() == home and not _is_dead(process)
    except psutil.Error:
        return False


def _is_dead(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _send(process: psutil.Process, number: signal.Signals) -> None:
    """Signal a process; that it is gone, or not ours to signal, shows when we look again."""
    try:
        process.send_signal(number)
    except psutil.Error:
        return
