"""A pool of connections to PostgreSQL, and how values travel on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import anyio
import asyncpg
import orjson

from trx_server.store.failures import SETTING, connecting

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Lent = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Lent = asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

__all__ = ["CONNECT_WITHIN", "Connection", "Lent", "Pool", "open_pool"]

CONNECT_WITHIN: Final = 10.0
CLOSE_WITHIN: Final = 5.0

SESSION: Final = {
    "application_name": "trx",
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
}
"""Batches are short, so compiling one costs more than it saves; and a generic plan that was made
while a table was empty would go on scanning it from end to end when it is full."""

EPOCH_2000: Final = 946_684_800_000_000
"""Microseconds from the Unix epoch to PostgreSQL's."""


@asynccontextmanager
async def open_pool(
    url: str, size: int = 10, *, command_timeout: float = 30.0, setting: str = SETTING
) -> AsyncIterator[Pool]:
    """A pool of at most ``size`` connections for as long as the block lasts.

    Whatever takes one of its connections when none can be made raises ``TRX-A301``, so that it is
    known that nothing was sent. On its connections ``timestamptz`` is a float (seconds since the
    Unix epoch, to the microsecond), ``jsonb`` any JSON value, and ``uuid`` the standard library's.

    Args:
        url: ``postgresql://…`` as libpq takes it.
        size: at least 1.
        command_timeout: seconds after which a statement that has no answer is given up.
        setting: what gave the URL, for advice.

    Raises:
        AdapterError: ``TRX-A301``, the server cannot be reached.
        OperatorError: ``TRX-O301``, the URL is wrong; ``TRX-O302``, the server turns us away.
    """
    with connecting(url, setting):
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_WITHIN,
            command_timeout=command_timeout,
            server_settings=SESSION,
            init=_set_codecs,
            connect=_connecting(url, setting),
            reset=_nothing_to_reset,
        )
    try:
        yield pool
    finally:
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(CLOSE_WITHIN):
                await pool.close()
            pool.terminate()


def _connecting(url: str, setting: str) -> Callable[..., Coroutine[Any, Any, Connection]]:
    async def connect(*args: Any, **kwargs: Any) -> Connection:
        with connecting(url, setting):
            return await asyncpg.connect(*args, **kwargs)

    return connect


async def _set_codecs(connection: Connection) -> None:
    """Set up how values travel; see :func:`open_pool`."""
    await connection.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        encoder=lambda seconds: (round(seconds * 1e6) - EPOCH_2000,),
        decoder=lambda micros: (micros[0] + EPOCH_2000) / 1e6,
        format="tuple",
    )
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value, default=_plain),
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )
    await connection.set_type_codec(
        "uuid",
        schema="pg_catalog",
        encoder=lambda value: value.bytes,
        decoder=lambda data: UUID(bytes=bytes(data)),
        format="binary",
    )


async def _nothing_to_reset(connection: Connection) -> None:
    """No statement of ours leaves anything behind in its session: spare the round trip."""


def _plain(value: Any) -> Any:
    return dict(value)
