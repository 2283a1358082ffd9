"""The folder of the servers' sockets: its path must be short, and plain enough for a URL."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2s
from pathlib import Path

from trx_core.errors import OperatorError
from trx_server.embedded.account import Account, make_private

__all__ = ["POSTGRES_SOCKET", "VALKEY_SOCKET", "socket_dir"]

POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"

LONGEST_PATH = 103
"""Bytes: ``sun_path`` holds 104 on macOS and BSD, 108 on Linux, the final NUL included."""

PLAIN = re.compile(r"[\w/.+@~' -]+")
"""In others, as with a comma or a colon in it, clients see a list of hosts, or a port."""


@contextmanager
def socket_dir(root: Path, account: Account | None) -> Iterator[Path]:
    """A folder for the sockets of the servers of data directory ``root``, private to ``account``.

    It is ``root/run`` if that will do, else a folder of its own below ``/run`` (for root),
    ``XDG_RUNTIME_DIR`` or the temporary folder, which goes with the block.

    Raises:
        OperatorError: TRX-O202, none of them will do.
    """
    inside = root / "run"
    folder = inside if _will_do(inside) else _outside(root)
    make_private(folder, account)
    try:
        yield folder
    finally:
        if folder != inside:
            shutil.rmtree(folder, ignore_errors=True)


def _outside(root: Path) -> Path:
    name = f"trx-{blake2s(os.fsencode(root), digest_size=8).hexdigest()}"
    runtime = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR")
    for base in filter(None, (runtime, tempfile.gettempdir(), "/tmp")):
        if _will_do(Path(base, name)) and os.path.isdir(base) and os.access(base, os.W_OK):
            return Path(base, name)
    raise OperatorError(
        f"the path of data directory {root} is too long or too odd for a socket in it, and there "
        "is no other folder for sockets.",
        code="TRX-O202",
        hint="Name one with a shorter, plainer path with --data-dir or TRX_DATA_DIR.",
    )


def _will_do(folder: Path) -> bool:
    longest = len(os.fsencode(folder / POSTGRES_SOCKET))
    return longest <= LONGEST_PATH and PLAIN.fullmatch(str(folder)) is not None
