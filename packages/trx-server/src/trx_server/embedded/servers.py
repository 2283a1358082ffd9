"""Both servers of a data directory, for as long as a block lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from anyio import from_thread, to_thread

from trx_server.embedded.backoff import Backoff
from trx_server.embedded.binaries import find_binaries
from trx_server.embedded.cache import default_cache_dir, within_reach
from trx_server.embedded.cluster import create_cluster
from trx_server.embedded.datadir import DataDir, default_data_dir, open_data_dir, unusable
from trx_server.embedded.events import Report
from trx_server.embedded.postgres import Postgres
from trx_server.embedded.supervisor import Supervisor, log_event
from trx_server.embedded.valkey import Valkey

__all__ = ["EmbeddedServers", "running_servers"]


class EmbeddedServers:
    """A PostgreSQL and a Valkey of our own, kept running while the block runs::

        async with EmbeddedServers(Path("data")) as servers:
            connection = await asyncpg.connect(servers.database_url)
            client = Redis.from_url(servers.redis_url)

    They listen on unix sockets alone. The data stays. When one of them keeps dying, the block is
    cancelled and the statement raises the reason.

    Args:
        data_dir: where the data lives; ``None``: :func:`default_data_dir`.
        durable: ``False``, for tests: a crash of the operating system may lose data.
        on_event: gets what happens to the servers; the default writes it to the log.
        backoff: how restarts are spaced, and when they are given up.

    Raises:
        OperatorError: the operator must mend something; TRX-O201 to TRX-O209, TRX-O211.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        durable: bool = True,
        on_event: Report = log_event,
        backoff: Backoff | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._durable = durable
        self._supervisor = Supervisor(on_event=on_event, backoff=backoff)
        self._stack = AsyncExitStack()
        self.data: DataDir
        self.postgres: Postgres
        self.valkey: Valkey

    @property
    def database_url(self) -> str:
        """For asyncpg; SQLAlchemy takes it with ``postgresql+asyncpg`` as its scheme."""
        return self.postgres.url()

    @property
    def redis_url(self) -> str:
        """For redis-py."""
        return self.valkey.url()

    def pids(self) -> dict[str, int]:
        """The process ids of the servers that run at the moment, by name."""
        return self._supervisor.pids()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return await self._stack.__aexit__(kind, error, trace)

    async def _start(self, stack: AsyncExitStack) -> None:
        found = find_binaries()
        data = stack.enter_context(open_data_dir(self._data_dir or default_data_dir()))
        cache = default_cache_dir()
        binaries = await to_thread.run_sync(within_reach, found, data.account, cache)
        self.data = data
        self.postgres = Postgres(binaries, data, durable=self._durable)
        self.valkey = Valkey(binaries, data, durable=self._durable)
        await stack.enter_async_context(self._supervisor)
        try:
            await create_cluster(binaries, data, durable=self._durable)
        except OSError as error:
            raise unusable(data.root, error) from error
        await self._supervisor.start(self.postgres.spec())
        await self._supervisor.start(self.valkey.spec())


@contextmanager
def running_servers(
    data_dir: Path | None = None, *, durable: bool = True
) -> Iterator[EmbeddedServers]:
    """:class:`EmbeddedServers` for synchronous code: they are kept running by a thread."""
    with (
        from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(EmbeddedServers(data_dir, durable=durable)) as servers,
    ):
        yield servers
