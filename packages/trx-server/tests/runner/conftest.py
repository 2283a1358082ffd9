"""Places for runners to work in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from live_site import Site, fleet, open_site


@pytest.fixture
async def site(migrated: str, redis_url: str) -> AsyncIterator[Site]:
    """Two pools of five and three slots."""
    async with open_site(migrated, redis_url, fleet(5, 3)) as site:
        yield site
