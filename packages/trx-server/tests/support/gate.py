"""A unix socket in front of another one, which can be shut: what lies behind is out of reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

CHUNK = 65_536


class Gate:
    """Forwards bytes while it is open."""

    def __init__(self, front: Path, behind: Path) -> None:
        self._front = front
        self._behind = behind
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, self._front)

    async def shut(self) -> None:
        """Break every connection, and let none be made."""
        assert self._server is not None
        self._server.close()
        self._front.unlink(missing_ok=True)
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._behind)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pump(reader, far_writer))
                    both.create_task(_pump(far_reader, writer))
            finally:
                far_writer.close()
        except* (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._connections.discard(task)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()
    with suppress(OSError):
        target.write_eof()


@asynccontextmanager
async def gate(front: Path, behind: Path) -> AsyncIterator[Gate]:
    """An open gate for as long as the block lasts."""
    one = Gate(front, behind)
    await one.open()
    try:
        yield one
    finally:
        await one.shut()


@asynccontextmanager
async def behind_gate(database_url: str, folder: Path) -> AsyncIterator[tuple[str, Gate]]:
    """The URL of a database by way of a gate, whose socket is in ``folder``."""
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    name = f".s.PGSQL.{query['port'][0]}"
    through = parts._replace(query=f"host={folder}&port={query['port'][0]}")
    async with gate(folder / name, Path(query["host"][0], name)) as one:
        yield urlunsplit(through), one
