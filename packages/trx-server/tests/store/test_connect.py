"""Connections that cannot be made, or break."""

from __future__ import annotations

import anyio
import asyncpg
import pytest

from trx_core.errors import AdapterError, OperatorError
from trx_server.store import Pool, open_pool, put_setting

UNREACHABLE = [
    ("postgresql://ada:secret@127.0.0.1:1/trx", "connection refused"),
    ("postgresql://ada:secret@nowhere.invalid/trx", "not known|resolution"),
    ("postgresql://ada:secret@/trx?host=/no/such/folder", "no such file or directory"),
]


@pytest.mark.parametrize(("url", "words"), UNREACHABLE)
async def test_a_server_that_does_not_answer_is_named_without_the_password(
    url: str, words: str
) -> None:
    said = rf"TRX-A301: PostgreSQL at .*/trx cannot be reached: [a-z ]*({words})[a-z ]*\. "
    with pytest.raises(AdapterError, match=said) as caught:
        async with open_pool(url):
            pass
    assert "secret" not in str(caught.value)


async def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    url = database_url.replace("/test_", "/missing_")
    with pytest.raises(OperatorError, match=r'TRX-O302: .*"missing_\d+" does not exist'):
        async with open_pool(url):
            pass


@pytest.mark.parametrize("port", ["abc", "99999", "-1", "5432,abc"])
async def test_a_port_that_is_none_is_named(port: str) -> None:
    wrong = port.rpartition(",")[2]
    for url in (f"postgresql://u:p@127.0.0.1:{port}/x", f"postgresql://u@/x?host=a&port={port}"):
        with pytest.raises(OperatorError, match=f"TRX-O301: .* port '{wrong}' is no number"):
            async with open_pool(url.replace(",", ",b:") if "@127" in url else url):
                pass


@pytest.mark.parametrize("url", ["mysql://localhost/trx", "postgresql://localhost:port/trx"])
async def test_what_is_no_url_says_what_one_is(url: str) -> None:
    with pytest.raises(OperatorError, match=r"TRX-O301: .* It reads postgresql://"):
        async with open_pool(url):
            pass


async def test_a_broken_connection_is_an_outage_and_the_next_call_works(pool: Pool) -> None:
    async def break_it() -> None:
        async with pool.acquire() as other:
            while not await other.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ):
                await anyio.sleep(0.01)

    async with pool.acquire() as locker, locker.transaction():
        await locker.execute("LOCK TABLE setting IN EXCLUSIVE MODE")
        async with anyio.create_task_group() as group:
            group.start_soon(break_it)
            with pytest.raises(AdapterError, match="TRX-A302"):
                await put_setting(pool, "key", 1)

    await put_setting(pool, "key", 2)


async def test_a_database_without_tables_says_how_to_get_them(database_url: str) -> None:
    async with open_pool(database_url, 1) as pool:
        with pytest.raises(OperatorError, match=r"TRX-O307: .* Run `trx db upgrade`"):
            await put_setting(pool, "key", 1)


async def test_a_silent_server_is_given_up(migrated: str) -> None:
    async with (
        open_pool(migrated, 3, command_timeout=0.2) as pool,
        pool.acquire() as locker,
        locker.transaction(),
    ):
        await locker.execute("LOCK TABLE setting IN EXCLUSIVE MODE")
        with pytest.raises(AdapterError, match="TRX-A302"):
            await put_setting(pool, "key", 1)


async def test_our_own_mistakes_are_not_taken_for_outages(pool: Pool) -> None:
    with pytest.raises(asyncpg.DataError):
        await put_setting(pool, 5, 1)  # type: ignore[arg-type]
