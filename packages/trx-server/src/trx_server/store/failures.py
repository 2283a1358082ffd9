"""What the failures of PostgreSQL mean to us."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg

from trx_core.errors import AdapterError, OperatorError
from trx_server.addresses import check_ports, in_words

__all__ = [
    "GONE",
    "SETTING",
    "NothingWrittenError",
    "connecting",
    "outages",
    "place_of",
    "translated",
]

P = ParamSpec("P")
R = TypeVar("R")

SETTING: Final = "TRX_DATABASE_URL"

AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
UNDONE: Final = (asyncpg.InsufficientResourcesError, asyncpg.TransactionRollbackError)
"""What the server answers when it has undone a statement as a whole."""

GONE: Final = (*AWAY, *UNDONE, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""A statement that failed so was undone as a whole, or was carried out and only its answer lost."""

CLOSED_TO_US: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


class NothingWrittenError(AdapterError):
    """PostgreSQL surely wrote nothing.

    ``TRX-A301``: no connection could be had. ``TRX-A305``: it undid the statement.
    """


@contextmanager
def connecting(url: str, setting: str = SETTING) -> Iterator[None]:
    """Say in our own words why a connection to ``url``, which ``setting`` gave, cannot be made."""
    try:
        check_ports(url)
        yield
    except AWAY as error:
        raise NothingWrittenError(
            f"PostgreSQL at {place_of(url)} cannot be reached: {in_words(error)}.",
            code="TRX-A301",
            hint=f"Start the server, or correct {setting}.",
        ) from error
    except CLOSED_TO_US as error:
        raise OperatorError(
            f"PostgreSQL at {place_of(url)} turns us away: {in_words(error)}.",
            code="TRX-O302",
            hint=f"Create the database and its owner, or correct {setting}.",
        ) from error
    except (asyncpg.InterfaceError, ValueError) as error:
        raise OperatorError(
            f"the database URL cannot be used: {in_words(error)}.",
            code="TRX-O301",
            hint="It reads postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
        ) from error


def translated(
    function: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Make ``function`` say in our own words what the server failed to do; see :func:`outages`."""

    @wraps(function)
    async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with outages():
            return await function(*args, **kwargs)

    return inner


@contextmanager
def outages() -> Iterator[None]:
    """Turn a failure of the server into ``TRX-A302``, and missing tables into ``TRX-O307``.

    ``TRX-A301`` and ``TRX-A305`` say that nothing was written. Our own mistakes stay what they are.
    """
    try:
        yield
    except asyncpg.DataError:
        raise
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise OperatorError(
            f"the tables in PostgreSQL are missing or out of date: {in_words(error)}.",
            code="TRX-O307",
            hint="Run `trx db upgrade`.",
        ) from error
    except UNDONE as error:
        raise NothingWrittenError(
            f"PostgreSQL undid a statement: {in_words(error)}.",
            code="TRX-A305",
            hint="It is safe to try again; see the server's log if it stays so.",
        ) from error
    except GONE as error:
        raise AdapterError(
            f"PostgreSQL did not say whether it carried out a statement: {in_words(error)}.",
            code="TRX-A302",
            hint="It is safe to try again when the server is back.",
        ) from error


def place_of(url: str) -> str:
    """Host, port and database of a URL, without its user and password."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.netloc.rpartition("@")[2] or "localhost"])[0]
    return f"{host}{parts.path}"
