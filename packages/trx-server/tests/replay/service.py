"""The service as processes of their own: an API on a real port, and runners."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
from pydantic import SecretStr

from trx_core.fleets import default_fleet
from trx_server.client import Client
from trx_server.embedded import EmbeddedServers
from trx_server.service import RunningService, ServiceOptions, running_service
from trx_server.settings import Settings

SECRET = SecretStr("a secret of at least thirty-two bytes")


@asynccontextmanager
async def service_on(
    servers: EmbeddedServers,
    redis_url: str,
    *,
    runners: int = 2,
    through: str | None = None,
    **settings: Any,
) -> AsyncIterator[RunningService]:
    """A service with the default fleet on a database and keys of its own.

    Its simulated tasks take a twentieth of their time. ``through`` is another URL of the server's
    database "postgres", by which its own is reached.
    """
    name = f"service_{uuid4().hex}"
    admin = servers.postgres.url("postgres")
    await execute(admin, f"CREATE DATABASE {name} STRATEGY file_copy")
    options = ServiceOptions(
        settings=Settings(
            database_url=servers.postgres.url(name) if through is None else named(through, name),
            redis_url=redis_url,
            namespace=name,
            jwt_secret=SECRET,
            port=0,
            log_level="WARNING",
            **{"time_scale": 20.0, "lease_seconds": 1.0, **settings},
        ),
        runners=runners,
        fleet=default_fleet(),
    )
    async with running_service(options, ignore, ignore) as service:
        yield service
    await execute(admin, f"DROP DATABASE {name} WITH (FORCE)")


def client_of(service: RunningService) -> Client:
    """A client that is the administrator."""
    assert service.admin_password is not None
    return Client(service.url, "admin", service.admin_password)


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def ignore(_: object) -> None:
    """Tests say what they wait for themselves."""
