"""What the fixtures of this package promise to its tests."""

from __future__ import annotations

import asyncpg
import pytest
from redis import Redis

from trx_server.db import current, head

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_has_empty_servers(database_url: str, redis_url: str, turn: int) -> None:
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval(TABLES) == 0
    await connection.execute("CREATE TABLE left_behind (turn int)")
    await connection.close()
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left behind", turn)


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_migrated_database_has_the_schema_and_no_rows(migrated: str, turn: int) -> None:
    assert await current(migrated) == head()
    connection = await asyncpg.connect(migrated)
    assert await connection.fetchval("SELECT count(*) FROM app_user") == 0
    await connection.execute(
        "INSERT INTO app_user (id, name, password_hash, role, created_at) "
        "VALUES (gen_random_uuid(), $1, '', 'viewer', now())",
        f"user {turn}",
    )
    await connection.close()
