"""Real servers for every test of this package: one PostgreSQL and one Redis per session."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import anyio
import asyncpg
import pytest
from anyio.from_thread import start_blocking_portal
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from trx_server.db import upgrade
from trx_server.embedded import EmbeddedServers, ProcessSpec, Supervisor, running_servers

NUMBERS = count(1)
OLDEST_REDIS = 7

REDIS_OPTIONS = ("--port", "0", "--save", "", "--appendonly", "no", "--daemonize", "no")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a Redis of choice, run only the tests that use it."""
    if not os.environ.get("TRX_TEST_REDIS_SERVER"):
        return
    others = [item for item in items if "redis_server" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def servers() -> Iterator[EmbeddedServers]:
    """The session's PostgreSQL and Valkey, in a folder that goes with them."""
    with (
        tempfile.TemporaryDirectory(prefix="trx-test-") as folder,
        running_servers(Path(folder), durable=False) as servers,
    ):
        yield servers


@pytest.fixture
def database_url(servers: EmbeddedServers) -> Iterator[str]:
    """URL of an empty database that only this test uses."""
    with _new_database(servers, template="template1") as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(servers: EmbeddedServers) -> Iterator[str]:
    """Name of a database with all tables, to be copied and left alone."""
    with _new_database(servers, template="template1") as url:
        anyio.run(upgrade, url)
        yield url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def migrated(servers: EmbeddedServers, migrated_template: str) -> Iterator[str]:
    """URL of a database with all tables, empty, that only this test uses."""
    with _new_database(servers, template=migrated_template) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """URL of the session's Redis, emptied for this test."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def redis_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of the session's Redis.

    It is the Valkey of ``servers``, or if ``TRX_TEST_REDIS_SERVER`` names the program of a Redis
    (7.0 or later), that.
    """
    program = os.environ.get("TRX_TEST_REDIS_SERVER")
    if not program:
        servers: EmbeddedServers = request.getfixturevalue("servers")
        yield servers.redis_url
        return
    with (
        tempfile.TemporaryDirectory(prefix="trx-redis-") as folder,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Supervisor()) as supervisor,
    ):
        socket = Path(folder, "redis.sock")
        url = f"unix://{socket}"
        argv = [program, *REDIS_OPTIONS, "--dir", folder, "--unixsocket", str(socket)]

        async def answers() -> None:
            async with AsyncRedis.from_url(url) as client:
                await client.ping()

        log = Path(folder, "redis.log")
        portal.call(supervisor.start, ProcessSpec(name="redis", argv=argv, log=log, ready=answers))
        with Redis.from_url(url) as client:
            version = str(client.info("server")["redis_version"])
        if int(version.partition(".")[0]) < OLDEST_REDIS:
            pytest.exit(f"TRX_TEST_REDIS_SERVER={program} is Redis {version}; 7.0 is the oldest.")
        yield url


@contextmanager
def _new_database(servers: EmbeddedServers, *, template: str) -> Iterator[str]:
    name = f"test_{next(NUMBERS)}"
    admin = servers.postgres.url("postgres")
    create = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"
    anyio.run(_execute, admin, create)
    try:
        yield servers.postgres.url(name)
    finally:
        anyio.run(_execute, admin, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
