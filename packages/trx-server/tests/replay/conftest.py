"""A service that the tests of a module share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from trx_server.client import Client
from trx_server.embedded import EmbeddedServers
from trx_server.service import RunningService

from .service import client_of, service_on


@pytest.fixture(scope="module")
async def service(servers: EmbeddedServers, redis_server: str) -> AsyncIterator[RunningService]:
    """An API and two runners."""
    async with service_on(servers, redis_server) as service:
        yield service


@pytest.fixture
async def client(service: RunningService) -> AsyncIterator[Client]:
    async with client_of(service) as client:
        yield client
