"""A ledger of record on the session's real server."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from trx_core.ids import IdFactory
from trx_server.store import Pool, open_pool, register

from .harness import Ledger


@pytest.fixture
async def pool(migrated: str) -> AsyncIterator[Pool]:
    async with open_pool(migrated, 6) as pool:
        yield pool


@pytest.fixture
async def ledger(pool: Pool) -> Ledger:
    runner = uuid4()
    await register(pool, runner, "host", 1, 60)
    return Ledger(pool, IdFactory(random.Random(7)), runner)
