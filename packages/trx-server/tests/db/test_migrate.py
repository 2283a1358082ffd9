"""Migrations on real databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from trx_core.errors import AdapterError, OperatorError
from trx_server.db import METADATA, current, head, migrate, upgrade

TABLES = {
    "alembic_version",
    "app_user",
    "dead_letter",
    "runner",
    "schedule_log",
    "setting",
    "simulation",
    "disruption",
    "task",
    "worker_pool",
}

CATALOGUE = """
SELECT 'column' AS kind, table_name || '.' || column_name AS name, concat_ws(
    ' ', data_type, is_nullable, column_default,
    col_description(table_name::regclass, ordinal_position)
) AS definition
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def catalogue(url: str) -> list[tuple[str, str, str]]:
    async with connected(url) as connection:
        rows = [tuple(row) for row in await connection.fetch(CATALOGUE)]
    return [row for row in rows if "alembic_version" not in row[1]]


async def tables(url: str) -> set[str]:
    async with connected(url) as connection:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row[0] for row in rows}


async def test_an_empty_database_gets_every_table(database_url: str) -> None:
    assert await current(database_url) is None

    assert await upgrade(database_url) == head()

    assert await current(database_url) == head()
    assert await tables(database_url) == TABLES


async def test_upgrading_again_changes_nothing(migrated: str) -> None:
    before = await catalogue(migrated)

    assert await upgrade(migrated) == head()

    assert await catalogue(migrated) == before


async def test_alembic_finds_no_difference_to_the_metadata(migrated: str) -> None:
    def differences(connection: Connection) -> Any:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    assert await migrate.connected(migrated, differences) == []


async def test_the_migrated_catalogue_is_that_of_the_metadata(
    migrated: str, database_url: str
) -> None:
    """Alembic compares neither checks nor the conditions of partial indexes."""
    await migrate.connected(database_url, METADATA.create_all)

    assert await catalogue(migrated) == await catalogue(database_url)


async def test_the_way_back_leaves_nothing(migrated: str) -> None:
    def downgrade(connection: Connection) -> None:
        config = migrate.config_for(connection)
        command.downgrade(config, "base")

    await migrate.connected(migrated, downgrade)

    assert await tables(migrated) == {"alembic_version"}
    assert await upgrade(migrated) == head()


async def test_tasks_from_before_regions_could_be_required_require_none(migrated: str) -> None:
    def downgrade(connection: Connection) -> None:
        command.downgrade(migrate.config_for(connection), "0002")

    await migrate.connected(migrated, downgrade)
    async with connected(migrated) as connection:
        added = "INSERT INTO task (id, type, priority, cost, enqueued_at) "
        await connection.execute(added + "VALUES (gen_random_uuid(), 't', 5, 1, now())")
        before = await connection.fetchval("SELECT pg_relation_filenode('task')")

    assert await upgrade(migrated) == head()

    async with connected(migrated) as connection:
        assert await connection.fetchval("SELECT region_required FROM task") is False
        rewritten = await connection.fetchval("SELECT pg_relation_filenode('task')") != before
    assert not rewritten


async def test_processes_that_start_together_take_turns(database_url: str) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(upgrade, database_url)

    assert await tables(database_url) == TABLES


async def test_a_database_of_a_newer_version_is_left_alone(migrated: str) -> None:
    async with connected(migrated) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(OperatorError, match=r"TRX-O304: .*'9999'.* upgrade trx-server"):
        await upgrade(migrated)

    assert await current(migrated) == "9999"


async def test_a_server_that_is_too_old_is_named(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "OLDEST_SERVER", 99)

    with pytest.raises(OperatorError, match=r"TRX-O303: .* Use PostgreSQL 99 or later"):
        await upgrade(database_url)

    assert await tables(database_url) == set()


async def test_a_user_who_may_not_create_tables_is_told_so(database_url: str) -> None:
    async with connected(database_url) as connection:
        await connection.execute("CREATE ROLE guest LOGIN")
    guest = database_url.replace("://trx@", "://guest@")

    with pytest.raises(OperatorError, match=r"TRX-O305: .*permission denied.* must own"):
        await upgrade(guest)

    async with connected(database_url) as connection:
        await connection.execute("DROP ROLE guest")


async def test_a_migration_that_fails_halfway_is_undone(database_url: str) -> None:
    async with connected(database_url) as connection:
        await connection.execute("CREATE TABLE setting (key text)")

    with pytest.raises(OperatorError, match=r'TRX-O305: .*"setting" already exists'):
        await upgrade(database_url)

    assert await tables(database_url) == {"setting"}


async def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(AdapterError, match=r"TRX-A301: PostgreSQL at 127\.0\.0\.1:1/trx"):
        await upgrade("postgresql://ada:secret@127.0.0.1:1/trx")
