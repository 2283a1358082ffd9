"""Bring a database up to the schema of this version of the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from trx_core.errors import OperatorError
from trx_server.store.connect import CONNECT_WITHIN
from trx_server.store.failures import SETTING, connecting, place_of

__all__ = ["config_for", "connected", "current", "head", "upgrade"]

T = TypeVar("T")

MIGRATIONS: Final = Path(__file__).parent / "migrations"
OLDEST_SERVER: Final = 15
LOCK: Final = 0x7472_785F_6462
"""Key of the advisory lock that lets one process migrate at a time."""


def head() -> str:
    """The revision that this version of the code wants."""
    revision = _scripts().get_current_head()
    assert revision is not None
    return revision


async def current(url: str, setting: str = SETTING) -> str | None:
    """The revision that the database at ``url`` is at; ``None``: it has no tables of ours.

    Raises:
        AdapterError: ``TRX-A301``, the server cannot be reached.
        OperatorError: ``TRX-O301``, ``TRX-O302``, as :func:`~trx_server.store.open_pool` has them.
    """
    return await connected(url, _revision, setting)


async def upgrade(url: str, setting: str = SETTING) -> str:
    """Bring the database at ``url`` up to :func:`head`, and return that.

    All in one transaction. Of several processes at once one does it, and the others wait for it.

    Raises:
        AdapterError: ``TRX-A301``, the server cannot be reached.
        OperatorError: ``TRX-O301``, ``TRX-O302``, as :func:`~trx_server.store.open_pool` has them;
            ``TRX-O303``, the server is too old; ``TRX-O304``, the database is of a newer version
            of the code; ``TRX-O305``, a statement of the migration failed.
    """

    def run(connection: Connection) -> str:
        _check_server(connection, url)
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        _check_known(_revision(connection), url)
        command.upgrade(config_for(connection), "head")
        return head()

    try:
        return await connected(url, run, setting)
    except DBAPIError as error:
        raise OperatorError(
            f"the database at {place_of(url)} cannot be migrated: {_said(error)}.",
            code="TRX-O305",
            hint="Nothing was changed. The user of the URL must own the database.",
        ) from error


async def connected(url: str, work: Callable[[Connection], T], setting: str = SETTING) -> T:
    """What ``work`` returns, in a transaction on a connection that asyncpg made from ``url``.

    Advice names ``setting`` as what gave the URL.
    """

    async def connect() -> asyncpg.Connection[asyncpg.Record]:
        with connecting(url, setting):
            return await asyncpg.connect(url, timeout=CONNECT_WITHIN)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _check_server(connection: Connection, url: str) -> None:
    version = connection.execute(text("SHOW server_version_num")).scalar_one()
    if int(version) // 10_000 < OLDEST_SERVER:
        raise OperatorError(
            f"PostgreSQL at {place_of(url)} is version {int(version) // 10_000}.",
            code="TRX-O303",
            hint=f"Use PostgreSQL {OLDEST_SERVER} or later.",
        )


def _check_known(revision: str | None, url: str) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise OperatorError(
            f"the database at {place_of(url)} is at revision {revision!r}, which this version of "
            "trx-server does not know.",
            code="TRX-O304",
            hint="A newer version has migrated it: upgrade trx-server.",
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config_for())


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's configuration, for commands that work on ``connection``."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _said(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0].rpartition(": ")[2].rstrip(".")
