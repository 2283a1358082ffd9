"""A copy of the server binaries that an unprivileged account can run."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

from trx_core.errors import OperatorError
from trx_server.embedded.account import Account, first_out_of_reach
from trx_server.embedded.binaries import PARTS, Binaries

__all__ = ["default_cache_dir", "within_reach"]

LOCK = "lock"
UNFINISHED = "unfinished-"
NOT_NEEDED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "__pycache__")


def default_cache_dir() -> Path:
    """``TRX_CACHE_DIR``, else ``/var/cache/trx``."""
    return Path(os.environ.get("TRX_CACHE_DIR") or "/var/cache/trx")


def within_reach(binaries: Binaries, account: Account | None, cache: Path) -> Binaries:
    """``binaries`` if ``account`` can run them, else a copy of them below ``cache``.

    The copy appears under its name in one step, when it is whole. Two processes may want it at
    once. It keeps the relative layout, by which the binaries find their libraries.

    Raises:
        OperatorError: TRX-O211, the copy cannot be made, or others could change it.
    """
    if account is None or _first_out_of_reach(binaries, account) is None:
        return binaries
    copy = replace(binaries, site=cache.absolute() / binaries.version)
    try:
        _copy_once(binaries.site, copy.site)
        _check_trusted(copy.site)
    except OSError as error:
        raise _no_copy(binaries, account, cache, str(error)) from error
    if blocked := _first_out_of_reach(copy, account):
        raise _no_copy(binaries, account, cache, f"that user cannot enter {blocked} either")
    return copy


def _first_out_of_reach(binaries: Binaries, account: Account) -> Path | None:
    folders = (binaries.postgres.parent, binaries.valkey.parent)
    return next(filter(None, (first_out_of_reach(folder, account) for folder in folders)), None)


def _copy_once(site: Path, copy: Path) -> None:
    cache = copy.parent
    if not cache.is_dir():
        cache.mkdir(parents=True)
        cache.chmod(0o755)
    if copy.is_dir():
        return
    with (cache / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if copy.is_dir():
            return
        for abandoned in cache.glob(f"{UNFINISHED}*"):
            shutil.rmtree(abandoned)
        draft = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=cache))
        try:
            _copy(site, draft)
            draft.rename(copy)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _copy(site: Path, draft: Path) -> None:
    for part in PARTS:
        if (site / part).is_dir():
            shutil.copytree(site / part, draft / part, ignore=NOT_NEEDED)
    for folder, _, files in os.walk(draft):
        os.chmod(folder, 0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    os.sync()


def _check_trusted(copy: Path) -> None:
    for folder in (copy, copy.parent):
        status = folder.stat()
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(f"{folder} could be changed by other users")


def _no_copy(binaries: Binaries, account: Account, cache: Path, reason: str) -> OperatorError:
    return OperatorError(
        f"user {account.name!r}, as which PostgreSQL runs because it refuses to run as root, "
        f"cannot reach {binaries.site}, and there is no copy of it in {cache}: {reason}.",
        code="TRX-O211",
        hint="Name a folder that root can write and everyone can read in TRX_CACHE_DIR.",
    )
