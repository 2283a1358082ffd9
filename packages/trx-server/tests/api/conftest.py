"""A migrated database with a fleet and a user of each role, and the API on it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from random import SystemRandom

import pytest

from trx_core.ids import IdFactory
from trx_server.api.auth import Passwords
from trx_server.db import upgrade
from trx_server.store import Role, User, add_user, open_pool, save_fleet

from .harness import FLEET, PASSWORD, Served, serve


@pytest.fixture(scope="session")
async def password_hash() -> str:
    return await Passwords().hash(PASSWORD)


@pytest.fixture
async def ready_database(database_url: str, password_hash: str) -> str:
    """URL of a database that a service could start on."""
    await upgrade(database_url)
    ids, now = IdFactory(SystemRandom()), time.time()
    async with open_pool(database_url, 1) as pool:
        await save_fleet(pool, FLEET)
        for role in Role:
            await add_user(pool, User(ids.one(now), role.value, password_hash, role, now))
    return database_url


@pytest.fixture
async def api(ready_database: str, redis_url: str) -> AsyncIterator[Served]:
    """The API, logged in as an operator."""
    async with serve(ready_database, redis_url) as served:
        yield served
