"""``trx export``: the tasks of a running server as JSON lines, a trace to be run again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, Final

import anyio
import orjson
import typer

from trx_core.models import Task
from trx_server.client import Client
from trx_server.commands.remote import API_URL, ApiUrl, opened, password_of

__all__ = ["export", "history_line"]

TIMES: Final = frozenset({"enqueued_at", "started_at", "completed_at", "deadline"})
NAMES: Final = tuple(field.name for field in fields(Task))
CHUNK: Final = 1 << 16


def export(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - is stdout.")
    ],
    url: ApiUrl = API_URL,
    user: Annotated[str, typer.Option(metavar="NAME", help="Who reads.")] = "admin",
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only tasks accepted from then on, as RFC 3339 has it."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only tasks accepted before then.")
    ] = None,
) -> None:
    """Write the history of a server: its tasks as JSON lines, the oldest first.

    `trx simulate`, `trx replay` and `trx demo` read it as a --trace, which is told as of the format
    trx-history. The password is read from TRX_PASSWORD, or asked for.
    """
    filters = {"since": since, "until": until}
    client = Client(url, user, password_of(user))
    with opened(None if str(out) == "-" else out) as file:
        count = anyio.run(_export, client, filters, file)
    typer.echo(f"{count:,} tasks exported", err=True)


def history_line(task: Task) -> bytes:
    """A task as the API tells it, in one line."""
    values = {name: _plain(name, getattr(task, name)) for name in NAMES}
    return orjson.dumps(values, default=dict) + b"\n"


async def _export(client: Client, filters: Mapping[str, Any], sink: IO[bytes]) -> int:
    """Write everything, and say how much that was.

    The API lists the newest first: pages are laid aside, each turned round, and then taken from the
    last to the first, so that no more than one of them is in memory.
    """
    ends = [0]
    count = 0
    async with client:
        with TemporaryFile() as aside:
            async for page in _pages(client, filters):
                count += len(page)
                for task in reversed(page):
                    aside.write(history_line(task))
                ends.append(aside.tell())
            for start, end in zip(ends[-2::-1], ends[:0:-1], strict=True):
                aside.seek(start)
                _copy(aside, sink, end - start)
    return count


async def _pages(client: Client, filters: Mapping[str, Any]) -> AsyncIterator[Sequence[Task]]:
    page = await client.tasks(**filters)
    yield page.items
    while page.cursor is not None:
        page = await client.tasks(cursor=page.cursor, **filters)
        yield page.items


def _copy(source: IO[bytes], sink: IO[bytes], size: int) -> None:
    while size > 0:
        data = source.read(min(CHUNK, size))
        sink.write(data)
        size -= len(data)


def _plain(name: str, value: Any) -> Any:
    if name in TIMES and value is not None:
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value
