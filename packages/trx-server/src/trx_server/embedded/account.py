"""The unprivileged account that servers run as when we are root.

PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trx_core.errors import OperatorError

__all__ = ["Account", "first_out_of_reach", "make_private", "unprivileged_account"]

CANDIDATES = ("postgres", "nobody")

CAN_ENTER = 'for folder; do (cd -- "$folder") 2>/dev/null || { printf %s "$folder"; exit 1; }; done'


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system, and its group."""

    name: str
    uid: int
    gid: int


def unprivileged_account(data: Path) -> Account | None:
    """The account to run servers as; ``None`` when we are not root and run them as ourselves.

    It is the owner of the existing folder ``data`` (unless that is root), else ``postgres``, else
    ``nobody``.

    Raises:
        OperatorError: TRX-O204, we are root, and the system has neither.
    """
    if os.geteuid() != 0:
        return None
    owner = _owner_of(data)
    if owner is not None and owner.uid != 0:
        return owner
    for name in CANDIDATES:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise OperatorError(
        "PostgreSQL does not run as root, and this system has no user 'postgres' or 'nobody'.",
        code="TRX-O204",
        hint="Run as an ordinary user, or add a system user named 'postgres'.",
    )


def first_out_of_reach(path: Path, account: Account) -> Path | None:
    """The first folder on the way to and including ``path`` that ``account`` cannot enter.

    Raises:
        OperatorError: TRX-O204, the system does not let us run anything as ``account``.
    """
    folders = [str(folder) for folder in (*reversed(path.parents), path)]
    try:
        result = subprocess.run(
            ["/bin/sh", "-c", CAN_ENTER, "sh", *folders],
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise OperatorError(
            "PostgreSQL refuses to run as root, and this system does not let us run it as user "
            f"{account.name!r}: {error}.",
            code="TRX-O204",
            hint="Run as an ordinary user, or set TRX_DATABASE_URL and TRX_REDIS_URL.",
        ) from error
    return Path(os.fsdecode(result.stdout)) if result.returncode else None


def make_private(folder: Path, account: Account | None) -> None:
    """Make ``folder``, mode 700, property of ``account``; refuse one that is another's.

    Raises:
        OperatorError: TRX-O202, it is not a folder, or belongs to someone else.
    """
    owner = os.geteuid() if account is None else account.uid
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner:
        raise OperatorError(
            f"{folder} is not a folder of user id {owner}, as which the servers run.",
            code="TRX-O202",
            hint="Start as the user that made it, or name another folder with --data-dir or "
            "TRX_DATA_DIR.",
        )
    if stat.S_IMODE(status.st_mode) != 0o700:
        folder.chmod(0o700)


def _owner_of(path: Path) -> Account | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return Account(name, status.st_uid, status.st_gid)
