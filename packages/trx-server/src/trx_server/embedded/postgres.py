"""PostgreSQL as a supervised process on a unix socket."""

from __future__ import annotations

import signal
from urllib.parse import quote

import asyncpg

from trx_server.embedded.binaries import Binaries
from trx_server.embedded.cluster import ROLE, environment
from trx_server.embedded.datadir import DataDir
from trx_server.embedded.process import ProcessSpec, StopLadder
from trx_server.embedded.sockets import POSTGRES_SOCKET
from trx_server.embedded.strays import stop_strays

__all__ = ["Postgres"]

NAME = "postgres"
DATABASE = "trx"
PORT = POSTGRES_SOCKET.rpartition(".")[2]
READY_WITHIN = 120.0

FAST_THEN_IMMEDIATE: StopLadder = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0))
"""https://www.postgresql.org/docs/18/server-shutdown.html"""

SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
NOT_DURABLE = dict.fromkeys(DURABLE, "off")

ADVICE = (
    "If its files are broken, restore {folder} from a backup, or move it away to begin with an "
    "empty one."
)

FIND_DATABASE = "SELECT true FROM pg_database WHERE datname = $1"


class Postgres:
    """The database server of a data directory.

    Args:
        durable: ``False`` trades safety for speed: an operating system crash may destroy the data.
    """

    def __init__(self, binaries: Binaries, data: DataDir, *, durable: bool = True) -> None:
        self._binaries = binaries
        self._data = data
        self._durable = durable

    def url(self, database: str = DATABASE) -> str:
        """Of ``database``, for asyncpg; SQLAlchemy wants ``postgresql+asyncpg`` as its scheme."""
        folder = quote(str(self._data.sockets), safe="/")
        return f"postgresql://{ROLE}@/{quote(database)}?host={folder}&port={PORT}"

    def spec(self) -> ProcessSpec:
        """How to run it."""
        return ProcessSpec(
            name=NAME,
            argv=[str(self._binaries.postgres), "-D", str(self._data.postgres), *self._options()],
            env=environment(),
            cwd=self._data.root,
            log=self._data.logs / "postgres.log",
            account=self._data.account,
            stop=FAST_THEN_IMMEDIATE,
            prepare=self._prepare,
            ready=self._ready,
            ready_within=READY_WITHIN,
            advice=ADVICE.format(folder=self._data.postgres),
        )

    async def _prepare(self) -> None:
        """Leave nothing of an earlier life: no server, and no note of one.

        ``postmaster.pid`` and the lock of the socket are stale once no server runs, yet PostgreSQL
        honours them if another process has got that id since, or nobody has reaped the old one.
        """
        await stop_strays(NAME, self._data.postgres, FAST_THEN_IMMEDIATE)
        socket = self._data.sockets / POSTGRES_SOCKET
        for note in (
            self._data.postgres / "postmaster.pid",
            socket,
            socket.with_name(f"{socket.name}.lock"),
        ):
            note.unlink(missing_ok=True)

    async def _ready(self) -> None:
        """Connect, and make the database if there is none."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if not await connection.fetchval(FIND_DATABASE, DATABASE):
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()

    def _options(self) -> list[str]:
        folder = str(self._data.sockets).replace('"', '""')
        settings = SETTINGS | (DURABLE if self._durable else NOT_DURABLE)
        settings["unix_socket_directories"] = f'"{folder}"'
        return [item for name, value in settings.items() for item in ("-c", f"{name}={value}")]
