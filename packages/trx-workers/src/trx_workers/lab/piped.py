"""A fleet that comes through a pipe, kept in a file for as long as the process runs."""

from __future__ import annotations

import atexit
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from trx_core.errors import CallerError

__all__ = ["kept"]

_FLEETING: Final = (Path("/dev"), Path("/proc"))
"""Where names stand for what this process has open, which another does not have."""


def kept(path: Path | None) -> Path | None:
    """``path`` itself if it is a file that can be read again, from any process; otherwise a copy of
    what comes out of it, which is removed when this process ends.

    Raises:
        CallerError: ``TRX-C110``, it cannot be read.
    """
    if path is None or not _is_fleeting(path):
        return path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CallerError(
            f"fleet file {str(path)!r} cannot be read: {error.strerror}.",
            code="TRX-C110",
            hint="Check the path.",
        ) from None
    folder = TemporaryDirectory(prefix="trx-")
    atexit.register(folder.cleanup)
    copy = Path(folder.name) / "pipe"
    copy.write_bytes(content)
    return copy


def _is_fleeting(path: Path) -> bool:
    if any(path.absolute().is_relative_to(folder) for folder in _FLEETING):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()
