"""``trx db``: the tables of the service, and the way back in for who forgot the password."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated, Final

import anyio
import typer

from trx_core.errors import CallerError, OperatorError
from trx_server.db import current, head, upgrade
from trx_server.settings import load_settings
from trx_server.store import open_pool, set_password

__all__ = ["app"]

SHORTEST: Final = 8
SETTING: Final = "--database-url or TRX_DATABASE_URL"

app = typer.Typer(
    no_args_is_help=True,
    help="Look after the tables of the service in PostgreSQL. `trx up` and `trx demo` bring those "
    "of their own database up to date by themselves.",
)

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="postgresql://USER:PASSWORD@HOST:PORT/DATABASE; without it TRX_DATABASE_URL counts.",
    ),
]


@app.command("upgrade")
def upgrade_tables(url: DatabaseUrl = None) -> None:
    """Create the tables, or bring those of an older version up to date.

    Harmless when there is nothing to do, and when several do it at once. Nothing is changed when
    it fails. The database itself must exist, and the user of the URL must own it.
    """
    print(f"The tables are up to date: revision {anyio.run(upgrade, _given(url), SETTING)}.")


@app.command("current")
def show_current(url: DatabaseUrl = None) -> None:
    """Show which revision the tables are at. The exit code is 1 if it is not the one wanted."""
    found = anyio.run(current, _given(url), SETTING)
    wanted = head()
    if found == wanted:
        print(f"revision {found}: up to date")
        return
    at = f"revision {found}" if found else "no tables"
    print(f"{at}: revision {wanted} is wanted; run `trx db upgrade`")
    raise typer.Exit(1)


@app.command("reset-password")
def reset_password(
    name: Annotated[str, typer.Argument(help="Who gets a new password, for example admin.")],
    url: DatabaseUrl = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the new password from standard input.")
    ] = False,
) -> None:
    """Give a user a new password: a random one, which is printed, or one of your own.

    Tokens that were issued before stay good until they run out.
    """
    password = _read_password() if stdin else secrets.token_urlsafe(18)
    anyio.run(_store_password, _given(url), name, password)
    print(f"{name} has a new password." if stdin else password)


def _given(url: str | None) -> str:
    configured = load_settings(database_url=url).database_url
    if configured is None:
        raise OperatorError(
            "no database is given.",
            code="TRX-O306",
            hint="Set TRX_DATABASE_URL, or say --database-url.",
        )
    return configured


async def _store_password(url: str, name: str, password: str) -> None:
    from trx_server.api.auth.passwords import Passwords

    async with open_pool(url, 1, setting=SETTING) as pool:
        if not await set_password(pool, name, await Passwords().hash(password)):
            raise CallerError(
                f"there is no user {name!r}.",
                code="TRX-C301",
                hint="The first administrator is called admin.",
            )


def _read_password() -> str:
    from trx_server.api.auth.passwords import LONGEST

    password = sys.stdin.readline().rstrip("\r\n")
    if not SHORTEST <= len(password) <= LONGEST:
        raise CallerError(
            f"the password has {len(password)} characters.",
            code="TRX-C302",
            hint=f"It must have {SHORTEST} to {LONGEST}.",
        )
    return password
