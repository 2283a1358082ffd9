"""``trx db`` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import anyio

from trx_server.api.auth.passwords import Passwords
from trx_server.store import Role, User, add_user, find_user, open_pool

PROGRAM = "from trx_server.commands.db import app; app()"


def trx_db(
    *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRX_")}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=env | environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_upgrade_and_current(database_url: str) -> None:
    before = trx_db("current", "--database-url", database_url)
    upgraded = trx_db("upgrade", TRX_DATABASE_URL=database_url)
    after = trx_db("current", TRX_DATABASE_URL=database_url)

    assert (before.returncode, before.stdout) == (
        1,
        "no tables: revision 0003 is wanted; run `trx db upgrade`\n",
    )
    assert (upgraded.returncode, upgraded.stdout) == (
        0,
        "The tables are up to date: revision 0003.\n",
    )
    assert (after.returncode, after.stdout) == (0, "revision 0003: up to date\n")


def test_without_a_database_it_says_how_to_name_one() -> None:
    result = trx_db("upgrade")

    assert result.returncode == 1
    assert "TRX-O306" in result.stderr
    assert "--database-url" in result.stderr


def test_a_database_that_does_not_answer_is_told_by_both_of_its_names() -> None:
    for command in ("upgrade", "current"):
        result = trx_db(command, "--database-url", "postgresql://u:p@127.0.0.1:1/x")
        assert result.returncode == 1
        assert " ".join(result.stderr.split()).endswith(
            "TRX-A301: PostgreSQL at 127.0.0.1:1/x cannot be reached: connection refused. "
            "Start the server, or correct --database-url or TRX_DATABASE_URL."
        )


def test_a_new_password_is_printed_or_read(migrated: str) -> None:
    admin = User(uuid4(), "admin", "none", Role.ADMIN, time.time())

    async def add() -> None:
        async with open_pool(migrated, 1) as pool:
            await add_user(pool, admin)

    async def accepted(password: str) -> bool:
        async with open_pool(migrated, 1) as pool:
            user = await find_user(pool, "admin")
            assert user is not None
            return await Passwords().verify(password, user.password_hash)

    anyio.run(add)
    url = ["--database-url", migrated]
    made = trx_db("reset-password", "admin", *url)
    assert made.returncode == 0
    assert anyio.run(accepted, made.stdout.strip())

    own = trx_db("reset-password", "admin", "--stdin", *url, stdin="correct horse\n")
    assert (own.returncode, own.stdout) == (0, "admin has a new password.\n")
    assert anyio.run(accepted, "correct horse")

    short = trx_db("reset-password", "admin", "--stdin", *url, stdin="short\n")
    assert "TRX-C302" in short.stderr
    unknown = trx_db("reset-password", "nobody", *url)
    assert "TRX-C301" in unknown.stderr
    assert unknown.returncode == short.returncode == 1
    assert anyio.run(accepted, "correct horse")


def test_a_damaged_distribution_that_alembic_trips_on_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "dam.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: dam\nVersion: 1\n")
    (folder / "entry_points.txt").write_text("[trx]\nfoo\n")
    damaged = {"PYTHONPATH": str(tmp_path), "PYDANTIC_DISABLE_PLUGINS": "__all__"}
    assert trx_db("current", "--help", **damaged).returncode == 0
    result = trx_db("current", "--database-url", "postgresql://u@127.0.0.1:1/x", **damaged)
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    assert "TRX-O111: Alembic cannot be imported, because it reads the entry points of" in said
    assert "those of dam (" in said
    assert "are damaged. Install dam again, or remove it." in said
