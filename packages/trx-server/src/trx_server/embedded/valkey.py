"""Valkey as a supervised process on a unix socket."""

from __future__ import annotations

import signal
from urllib.parse import quote

from redis.asyncio import Redis

from trx_server.embedded.binaries import Binaries
from trx_server.embedded.datadir import DataDir
from trx_server.embedded.process import ProcessSpec, StopLadder
from trx_server.embedded.sockets import VALKEY_SOCKET
from trx_server.embedded.strays import stop_strays

__all__ = ["Valkey"]

NAME = "valkey"
PROGRAM = "valkey-server"
READY_WITHIN = 120.0
TERMINATE: StopLadder = ((signal.SIGTERM, 15.0),)

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "notice",
    "logfile": "",
}

ADVICE = (
    "If its append-only file is broken, move {folder} away: PostgreSQL holds every accepted task, "
    "and what was queued is queued again."
)


class Valkey:
    """The Redis-compatible server of a data directory.

    Args:
        durable: ``False`` leaves it to the operating system when to write to disk.
    """

    def __init__(self, binaries: Binaries, data: DataDir, *, durable: bool = True) -> None:
        self._binaries = binaries
        self._data = data
        self._durable = durable
        self._socket = data.sockets / VALKEY_SOCKET

    def url(self, database: int = 0) -> str:
        """Of the logical database ``database`` (0-15), for redis-py."""
        return f"unix://{quote(str(self._socket), safe='/')}?db={database}"

    def spec(self) -> ProcessSpec:
        """How to run it."""
        return ProcessSpec(
            name=NAME,
            argv=[str(self._binaries.valkey), *self._options()],
            cwd=self._data.root,
            log=self._data.logs / "valkey.log",
            account=self._data.account,
            stop=TERMINATE,
            prepare=self._prepare,
            ready=self._ready,
            ready_within=READY_WITHIN,
            advice=ADVICE.format(folder=self._data.valkey),
        )

    async def _prepare(self) -> None:
        """Leave nothing of an earlier life: no server, and no socket of one."""
        await stop_strays(PROGRAM, self._data.valkey, TERMINATE)
        self._socket.unlink(missing_ok=True)

    async def _ready(self) -> None:
        """PING, which fails as long as it loads its append-only file."""
        async with Redis.from_url(self.url()) as client:
            await client.ping()

    def _options(self) -> list[str]:
        settings = SETTINGS | {
            "appendfsync": "everysec" if self._durable else "no",
            "dir": str(self._data.valkey),
            "unixsocket": str(self._socket),
        }
        return [item for name, value in settings.items() for item in (f"--{name}", value)]
