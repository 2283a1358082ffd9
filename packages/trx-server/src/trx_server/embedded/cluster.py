"""The database cluster in a data directory: made when there is none, checked when there is."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from trx_core.errors import OperatorError
from trx_server.embedded.binaries import Binaries
from trx_server.embedded.datadir import DataDir
from trx_server.embedded.logs import log_size, tail
from trx_server.embedded.process import ProcessSpec, run_to_end

__all__ = ["ROLE", "create_cluster", "environment"]

ROLE = "trx"
UNFINISHED = "postgres.unfinished-"
VERSION = re.compile(r"\d+(\.\d+)*")

INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    "--locale=C",
    "--auth-local=trust",
    "--auth-host=reject",
    "--no-instructions",
)


async def create_cluster(binaries: Binaries, data: DataDir, *, durable: bool = True) -> None:
    """Run ``initdb`` unless there is a cluster; it appears in one step, when it is whole.

    Raises:
        OperatorError: TRX-O205, it is of another PostgreSQL version, or none at all; TRX-O207,
            ``initdb`` failed.
    """
    for draft in data.root.glob(f"{UNFINISHED}*"):
        shutil.rmtree(draft, ignore_errors=True)
    if os.path.lexists(data.postgres):
        _check(data.postgres, binaries.postgres_major)
        return
    draft = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=data.root))
    try:
        if account := data.account:
            os.chown(draft, account.uid, account.gid)
        await _initdb(binaries, data, draft, durable=durable)
        draft.rename(data.postgres)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def environment() -> dict[str, str]:
    """Ours, without what would steer PostgreSQL past its arguments."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
    # A multi-threaded macOS process may not become a postmaster, which any other locale makes it.
    return kept | {"LC_ALL": "C" if sys.platform != "darwin" else "en_US.UTF-8", "TZ": "UTC"}


async def _initdb(binaries: Binaries, data: DataDir, draft: Path, *, durable: bool) -> None:
    log = data.logs / "initdb.log"
    since = log_size(log)
    argv = [str(binaries.initdb), "-D", str(draft), *INITDB_OPTIONS]
    spec = ProcessSpec(
        name="initdb",
        argv=argv if durable else [*argv, "--no-sync"],
        env=environment(),
        cwd=data.root,
        log=log,
        account=data.account,
    )
    if await run_to_end(spec) != 0:
        lines = "\n  ".join(tail(log, since=since))
        raise OperatorError(
            f"PostgreSQL could not make its database files in {data.root}.",
            code="TRX-O207",
            hint="Mend what it says, or name another folder with --data-dir or TRX_DATA_DIR. The "
            f"last lines of {log}:\n  {lines}",
        )


def _check(cluster: Path, ours: int) -> None:
    """Raise unless ``cluster`` is one that PostgreSQL ``ours`` can serve."""
    try:
        found = (cluster / "PG_VERSION").read_text(errors="replace").strip()
    except OSError as error:
        raise _no_cluster(
            cluster, f"its file PG_VERSION cannot be read: {error.strerror}"
        ) from error
    if VERSION.fullmatch(found) is None:
        raise _no_cluster(cluster, "its file PG_VERSION names no version")
    if found != str(ours):
        raise OperatorError(
            f"{cluster} holds data of PostgreSQL {found}, and this installation has "
            f"PostgreSQL {ours}.",
            code="TRX-O205",
            hint=f"Dump it with PostgreSQL {found} (pg_dumpall), move it away, start again and "
            "load the dump; or only move it away, to begin with an empty one.",
        )


def _no_cluster(cluster: Path, reason: str) -> OperatorError:
    return OperatorError(
        f"{cluster} is not a whole PostgreSQL cluster: {reason}.",
        code="TRX-O205",
        hint="Restore it from a backup, or move it away to begin with an empty one.",
    )
