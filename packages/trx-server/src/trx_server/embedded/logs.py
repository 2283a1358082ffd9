"""Log files of supervised processes: rotated by size at start, quoted in errors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

__all__ = ["log_size", "open_log", "tail"]

ROTATE_AT_BYTES = 10 * 2**20
TAIL_BYTES = 16 * 2**10


def open_log(path: Path) -> IO[bytes]:
    """Open ``path`` for appending; what has grown past 10 MiB is first renamed to ``*.1``.

    The file belongs to the owner of its folder, who can append to it later, should we be root.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if log_size(path) > ROTATE_AT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    file = os.fdopen(os.open(path, flags, 0o600), "ab")
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(file.fileno(), folder.st_uid, folder.st_gid)
    return file


def log_size(path: Path) -> int:
    """Bytes in ``path``, 0 if there is no such file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def tail(path: Path, *, since: int = 0, lines: int = 8) -> list[str]:
    """The last ``lines`` lines of ``path`` written after byte ``since``."""
    size = log_size(path)
    if not size:
        return []
    with path.open("rb") as file:
        file.seek(max(since if since <= size else 0, size - TAIL_BYTES), os.SEEK_SET)
        text = file.read().decode(errors="replace")
    return [line for line in text.splitlines() if line.strip()][-lines:]
