"""Settings that change while the service runs, as key and JSON value."""

from __future__ import annotations

from typing import Any, Final

from trx_server.store.connect import Pool
from trx_server.store.failures import translated

__all__ = ["GET", "PUT", "get_setting", "put_setting"]

GET: Final = "SELECT value FROM setting WHERE key = $1"

PUT: Final = """
INSERT INTO setting (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
"""


@translated
async def get_setting(pool: Pool, key: str) -> Any | None:
    """The value, or ``None`` if there is none."""
    return await pool.fetchval(GET, key)


@translated
async def put_setting(pool: Pool, key: str, value: Any) -> None:
    """Keep any JSON value under ``key``, in the place of the one before."""
    await pool.execute(PUT, key, value)
