"""Temporary data directories that a killed process left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from trx_server.embedded.datadir import LOCK

__all__ = ["sweep_abandoned"]


def sweep_abandoned(prefix: str) -> None:
    """Remove our own data directories in the temporary folder whose names begin with ``prefix``.

    One is left alone that anybody holds the lock of, that nobody ever had the lock of (it may have
    been made a moment ago), or that a process still works in. What cannot be removed stays.
    """
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{prefix}*")):
        with suppress(OSError), _free(folder) as free:
            if free and not _worked_in(folder):
                _remove(folder)


@contextmanager
def _free(folder: Path) -> Iterator[bool]:
    """Whether ``folder`` is ours and was somebody's; its lock is held while the block lasts."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        yield False
        return
    with os.fdopen(os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW), "r+") as lock:
        if not lock.read().strip():
            yield False
            return
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True


def _worked_in(folder: Path) -> bool:
    home = folder.resolve()
    places = (p.info["cwd"] for p in psutil.process_iter(["cwd"]))
    return any(Path(place).is_relative_to(home) for place in places if place)


def _remove(folder: Path) -> None:
    """The lock goes last: what stays behind otherwise is found again."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()
    shutil.rmtree(folder)
