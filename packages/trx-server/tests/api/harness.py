"""The API on a real port, on real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import anyio
import httpx
import uvicorn

from trx_core.models import Fleet
from trx_server.api import Services, open_services, serving
from trx_server.listening import listening_socket
from trx_server.settings import Settings
from trx_server.store import Role

SECRET = "a secret of at least thirty-two bytes"
PASSWORD = "correct horse battery staple"
API = "/api/v1"

FLEET = Fleet.from_yaml(
    """
    pools:
      - {name: cpu-eu, region: eu, resource_type: cpu, cost_per_unit: 1, capacity: 4,
         worker: {kind: simulated, params: {}}}
      - {name: gpu-us, region: us, resource_type: gpu, cost_per_unit: 9, capacity: 2,
         worker: {kind: simulated, params: {}}}
    distance: {eu: {us: 2}}
    """
)


class Served(NamedTuple):
    """A running API and ways into it."""

    http: httpx.AsyncClient
    services: Services

    async def post(self, path: str, body: Any, **rest: Any) -> httpx.Response:
        return await self.http.post(API + path, json=body, **rest)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(API + path, params=params)

    async def raw(self, path: str, body: bytes | AsyncIterator[bytes]) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        return await self.http.post(API + path, content=body, headers=headers)

    async def stored(self) -> int:
        return int(await self.services.pool.fetchval("SELECT count(*) FROM task"))

    async def unpublished(self) -> int:
        query = "SELECT count(*) FROM task WHERE published_at IS NULL"
        return int(await self.services.pool.fetchval(query))

    def as_role(self, role: Role) -> dict[str, str]:
        token = self.services.tokens.issue(role, role, self.services.clock.now())
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def serve(database_url: str, redis_url: str, **settings: Any) -> AsyncIterator[Served]:
    """The API with the fleet and users that the database holds; logged in as an operator."""
    configured = Settings(
        database_url=database_url, redis_url=redis_url, jwt_secret=SECRET, **settings
    )
    listener = listening_socket("127.0.0.1", 0)
    port = listener.getsockname()[1]
    async with open_services(configured) as services:
        config = uvicorn.Config(serving(services), lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            served = Served(http, services)
            http.headers.update(served.as_role(Role.OPERATOR))
            try:
                yield served
            finally:
                server.should_exit = True
        await running


async def eventually(condition: Any, within: float = 20.0) -> None:
    """Return once the coroutine function ``condition`` gives something true."""
    with anyio.fail_after(within):
        while not await condition():
            await anyio.sleep(0.05)
