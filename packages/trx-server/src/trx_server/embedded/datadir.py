"""The data directory: where it is, what it holds, and who may use it."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from trx_core.errors import OperatorError
from trx_server.embedded.account import (
    Account,
    first_out_of_reach,
    make_private,
    unprivileged_account,
)
from trx_server.embedded.sockets import socket_dir

__all__ = ["DataDir", "default_data_dir", "open_data_dir", "unusable"]

LOCK = "trx.lock"


@dataclass(frozen=True, slots=True)
class DataDir:
    """A locked data directory.

    Attributes:
        root: the directory: readable by us alone, and if we are root, passable for others.
        account: owner of the servers' folders; ``None`` if that is us.
        sockets: the servers' sockets, in ``root`` unless its path does not do for a socket.
    """

    root: Path
    account: Account | None
    sockets: Path

    @property
    def postgres(self) -> Path:
        """The database cluster. It exists only once it is whole."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """The append-only file."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """Output of every process."""
        return self.root / "logs"


def default_data_dir() -> Path:
    """``TRX_DATA_DIR``, else ``/var/lib/trx`` for root and the user's data folder for others."""
    if configured := os.environ.get("TRX_DATA_DIR"):
        return Path(configured)
    return Path("/var/lib/trx") if os.geteuid() == 0 else platformdirs.user_data_path("trx")


@contextmanager
def open_data_dir(root: Path) -> Iterator[DataDir]:
    """Make the data directory if need be, and hold its lock.

    The modes of its parents are left alone. The kernel releases the lock when we die.

    Raises:
        OperatorError: TRX-O202, it cannot be used; TRX-O203, another process uses it; TRX-O204,
            there is no account to run the servers as, or it cannot reach the directory.
    """
    root = Path(os.path.realpath(root.expanduser()))
    with ExitStack() as stack:
        try:
            directory = _open(root, stack)
        except OSError as error:
            raise unusable(root, error) from error
        yield directory


def _open(root: Path, stack: ExitStack) -> DataDir:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = unprivileged_account(root / "postgres")
    if account is not None:
        _let_pass(root, account)
    stack.enter_context(_locked(root))
    directory = DataDir(root, account, stack.enter_context(socket_dir(root, account)))
    directory.logs.mkdir(mode=0o700, exist_ok=True)
    make_private(directory.valkey, account)
    return directory


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(root / LOCK, flags, 0o600), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = lock.read().strip() or "unknown"
            raise OperatorError(
                f"data directory {root} is in use by process {holder}.",
                code="TRX-O203",
                hint="Stop that process, or name another folder with --data-dir or TRX_DATA_DIR.",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _let_pass(root: Path, account: Account) -> None:
    """Check that ``account`` reaches ``root``, if need be opening what is only our own.

    Whoever names ``/root`` as the data directory does not find it opened to everyone: we change
    the mode of no folder but one that is empty, or has held our data.
    """
    names = os.listdir(root)
    mode = stat.S_IMODE(root.stat().st_mode)
    if not mode & stat.S_IXOTH and (not names or LOCK in names):
        root.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
    blocked = first_out_of_reach(root, account)
    if blocked is not None:
        raise OperatorError(
            f"data directory {root} is out of reach of user {account.name!r}, as which PostgreSQL "
            f"runs because it refuses to run as root: that user cannot enter {blocked}.",
            code="TRX-O204",
            hint="Name a folder that it can reach with --data-dir or TRX_DATA_DIR (/var/lib/trx is "
            "the default), or run as an ordinary user.",
        )


def unusable(root: Path, error: OSError) -> OperatorError:
    """TRX-O202: what the operating system says against data directory ``root``."""
    files = (
        path for path in (*reversed(root.parents), root) if path.exists() and not path.is_dir()
    )
    if isinstance(error, FileExistsError | NotADirectoryError) and (file := next(files, None)):
        reason = f"{file} is not a folder"
    else:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return OperatorError(
        f"data directory {root} cannot be used: {reason}.",
        code="TRX-O202",
        hint="Mend that, or name another folder with --data-dir or TRX_DATA_DIR.",
    )
