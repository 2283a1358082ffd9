"""Clients of Redis, and its errors in our own words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from ssl import SSLError
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,
    InvalidResponse,
    RedisError,
    TimeoutError,
)

from trx_core.errors import AdapterError, OperatorError
from trx_server.addresses import check_ports, in_words, system_error

__all__ = [
    "SCHEMES",
    "command",
    "make_client",
    "open_redis",
    "redis_errors",
    "sender",
]

SCHEMES: Final = ("redis", "rediss", "unix")
SETTING: Final = "TRX_REDIS_URL"
OLDEST: Final = (7, 0)
CONNECT_TIMEOUT: Final = 5.0
REPLY_TIMEOUT: Final = 10.0


def make_client(url: str, setting: str = SETTING) -> Redis:
    """A client that has not connected yet.

    It repeats nothing by itself: a reservation whose answer was lost may have been made.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads them.
        setting: what gave the URL, for advice.

    Raises:
        OperatorError: TRX-O210, there is no such URL.
    """
    try:
        if urlsplit(url).scheme not in SCHEMES:
            raise ValueError(f"its scheme is none of {', '.join(SCHEMES)}")
        check_ports(url)
        return Redis.from_url(
            url,
            protocol=2,
            decode_responses=False,
            socket_connect_timeout=CONNECT_TIMEOUT,
            socket_timeout=REPLY_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise OperatorError(
            f"the Redis URL cannot be used: {error}.",
            code="TRX-O210",
            hint=f"Set {setting} to one like redis://host:6379/0 or unix:///path/redis.sock.",
        ) from None


async def open_redis(url: str, setting: str = SETTING) -> Redis:
    """A client of a server that answers and is new enough; close it with ``aclose()``.

    Advice names ``setting`` as what gave the URL.

    Raises:
        OperatorError: TRX-O210, there is no such URL.
        AdapterError: TRX-A201, it cannot be reached; TRX-A202, it is older than Redis 7.0;
            TRX-A203, it refuses us.
    """
    client = make_client(url, setting)
    try:
        with redis_errors(client, setting):
            info: dict[str, Any] = await sender(client)("INFO", "server")
        _check_version(client, str(info.get("redis_version", "")), setting)
    except BaseException:
        await client.aclose()
        raise
    return client


async def command(client: Redis, *words: Any) -> Any:
    """Send one command; raises ``AdapterError``, TRX-A201 or TRX-A203."""
    with redis_errors(client):
        return await sender(client)(*words)


def sender(client: Redis) -> Callable[..., Awaitable[Any]]:
    """``client.execute_command``, with a type; raises redis-py's errors."""
    execute: Callable[..., Awaitable[Any]] = client.execute_command
    return execute


@contextmanager
def redis_errors(client: Redis, setting: str = SETTING) -> Iterator[None]:
    """Raise redis-py's errors as :class:`AdapterError`, TRX-A201 or TRX-A203."""
    try:
        yield
    except (ConnectionError, TimeoutError, OSError) as error:
        if any(isinstance(e, AuthenticationError) for e in (error, error.__cause__)):
            hint = f"Correct the name and password in {setting}."
            raise _refused(client, error, hint) from error
        raise AdapterError(
            f"{_lost(client, system_error(error))}.",
            code="TRX-A201",
            hint=f"Start it, or correct {setting}.",
        ) from error
    except InvalidResponse as error:
        raise AdapterError(
            f"what answers at {_where(client)} is no Redis: it does not speak its protocol.",
            code="TRX-A201",
            hint=f"Start Redis there, or correct {setting}.",
        ) from error
    except RedisError as error:
        raise _refused(client, error, "See its log and its settings.") from error


def _lost(client: Redis, error: BaseException) -> str:
    """What happened to a connection, as far as can be told: others than Redis may hang up, too."""
    where = _where(client)
    if isinstance(error, SSLError):
        return f"what answers at {where} does not speak TLS as a rediss:// URL asks for"
    if isinstance(error, ConnectionResetError) or "closed by server" in str(error):
        return f"what answers at {where} closed the connection; it may be no Redis"
    return f"Redis at {where} cannot be reached: {in_words(error)}"


def _check_version(client: Redis, version: str, setting: str) -> None:
    found = re.match(r"(\d+)\.(\d+)", version)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        raise AdapterError(
            f"Redis at {_where(client)} is of version {version or 'unknown'}; 7.0 is needed.",
            code="TRX-A202",
            hint=f"Upgrade it to Redis 7.0 or newer or to Valkey, or set {setting} to another.",
        )


def _refused(client: Redis, error: Exception, hint: str) -> AdapterError:
    message = f"Redis at {_where(client)} refused a command: {in_words(error)}."
    return AdapterError(message, code="TRX-A203", hint=hint)


def _where(client: Redis) -> str:
    options: dict[str, Any] = client.connection_pool.connection_kwargs
    if "path" in options:
        return str(options["path"])
    host = str(options.get("host", "localhost"))
    return f"{f'[{host}]' if ':' in host else host}:{options.get('port', 6379)}"
