"""``trx logs``: the schedule log of a running server, as lines of JSON."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any

import anyio
import orjson
import typer

from trx_core.models import ScheduleLog
from trx_server.client import Client
from trx_server.commands.remote import API_URL, ApiUrl, opened, password_of

__all__ = ["logs"]


def logs(
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the rows are written.", show_default="standard output"
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="Rows from then on, in UTC.", show_default="the beginning"),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="Rows before then, in UTC.", show_default="now")
    ] = None,
    url: ApiUrl = API_URL,
    user: Annotated[str, typer.Option(metavar="NAME", help="Who reads.")] = "admin",
) -> None:
    """Write the schedule log of a running server, the oldest row first, one in JSON a line.

    It is read page by page through the API. What happens to a task after the command began is not
    in it. `trx fit` makes simulators of it. The password is read from TRX_PASSWORD, or asked for.
    """
    client = Client(url, user, password_of(user))
    begin = since.replace(tzinfo=UTC).timestamp() if since else 0.0
    end = until.replace(tzinfo=UTC) if until else datetime.fromtimestamp(time.time(), UTC)
    with opened(out) as file:
        count = anyio.run(_write, client, begin, end, file)
    if out is not None:
        print(f"{count:,} rows: {out}", file=sys.stderr)


async def _write(client: Client, begin: float, end: datetime, file: IO[bytes]) -> int:
    count = 0
    async with client:
        async for page in client.log_pages(begin, until=end.isoformat()):
            file.writelines(orjson.dumps(_row(row)) + b"\n" for row in page)
            count += len(page)
    return count


def _row(row: ScheduleLog) -> dict[str, Any]:
    return row._asdict() | {"timestamp": datetime.fromtimestamp(row.timestamp, UTC)}
