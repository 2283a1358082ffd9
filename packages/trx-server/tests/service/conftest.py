"""A service of processes on servers of its own, whose parts may be killed."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import anyio
import httpx
import pytest
from live_site import Site, fleet, site_of, until
from pydantic import SecretStr

from trx_core.errors import AdapterError
from trx_core.models import TaskRequest
from trx_core.policy import RetryPolicy
from trx_server.client import Client
from trx_server.embedded import Backoff, EmbeddedServers, ProcessEvent, Supervisor
from trx_server.service import RunningService, ServiceOptions, running_service
from trx_server.settings import Settings

SECRET = SecretStr("a secret of at least thirty-two bytes")
BATCH = 10
SOON = Backoff(first=0.05, factor=1.5, quick=1.0, patience=20)


def ignore(_: ProcessEvent | str) -> None:
    """The tests look for themselves."""


@dataclass(frozen=True)
class Chaos:
    """A running service, and hands on everything that it is made of."""

    servers: EmbeddedServers
    service: RunningService
    client: Client
    settings: Settings
    accepted: set[UUID] = field(default_factory=set)

    async def submit(self, count: int, type: str = "plain") -> list[UUID]:
        """Submit tasks, and remember those that were accepted; refusals are borne."""
        ids: list[UUID] = []
        requests = [TaskRequest(type=type)] * BATCH
        while len(ids) < count:
            try:
                ids += await self.client.submit(requests)
            except AdapterError:
                await anyio.sleep(0.05)
        self.accepted.update(ids)
        return ids

    def kill(self, name: str) -> None:
        """Kill a process by SIGKILL; it is started again."""
        pids = {**self.servers.pids(), **self.service.supervisor.pids()}
        os.kill(pids[name], signal.SIGKILL)

    @asynccontextmanager
    async def without(self, name: str) -> AsyncIterator[None]:
        """A server is stopped for as long as the block lasts."""
        supervisor: Supervisor = self.servers._supervisor
        spec = (self.servers.postgres if name == "postgres" else self.servers.valkey).spec()
        await supervisor.stop(name)
        try:
            yield
        finally:
            await supervisor.start(spec)

    @asynccontextmanager
    async def site(self) -> AsyncIterator[Site]:
        """The servers as they are now."""
        async with site_of(self.settings) as site:
            yield site

    async def some_ended(self, ids: Collection[UUID]) -> None:
        """Return when about a tenth of the tasks have been carried out."""
        query = "SELECT count(*) FROM task WHERE status = 'completed' AND id = ANY($1)"
        async with self.site() as site:

            async def enough() -> bool:
                return int(await site.pool.fetchval(query, list(ids))) >= len(ids) / 10

            await until(enough)

    async def health(self) -> str:
        """What the API says of the service; nothing when it does not answer."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=40) as http:
                answer = await http.get(f"{self.service.url}/api/v1/health")
        except httpx.HTTPError:
            return ""
        return str(answer.json()["status"])

    async def is_well(self) -> bool:
        return await self.health() == "ok"

    async def audit(self, ids: Collection[UUID] = ()) -> int:
        """Check that every task that was ever accepted ended once; how often ``ids`` recovered."""
        await until(self.is_well)
        async with self.site() as site:
            histories = await site.audit(self.accepted, others=True)
            assert (await site.status()).keys() == {"completed"}
        return sum(entry.event_type == "recovered" for task in ids for entry in histories[task])


@pytest.fixture(scope="module")
async def chaos() -> AsyncIterator[Chaos]:
    with tempfile.TemporaryDirectory(prefix="trx-chaos-") as folder:
        async with EmbeddedServers(Path(folder), on_event=ignore, backoff=SOON) as servers:
            settings = Settings(
                database_url=servers.database_url,
                redis_url=servers.redis_url,
                jwt_secret=SECRET,
                port=0,
                log_level="ERROR",
                lease_seconds=2.0,
                retry=RetryPolicy(max_attempts=20, base=0.05),
            )
            options = ServiceOptions(settings=settings, runners=2, fleet=fleet(8, 8, seconds=0.1))
            async with running_service(options, ignore, ignore) as service:
                assert service.admin_password is not None
                async with Client(service.url, "admin", service.admin_password) as client:
                    yield Chaos(servers, service, client, settings)
