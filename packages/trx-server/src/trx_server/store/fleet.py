"""The fleet: worker pools and the distances between regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from trx_core.models import Fleet, WorkerPool
from trx_server.store.config import GET, PUT
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import transposed

__all__ = ["load_fleet", "record_loads", "save_fleet", "save_pool"]

DISTANCE: Final = "distance"

COLUMNS: Final = tuple(WorkerPool.model_fields)
DESCRIBED: Final = tuple(name for name in COLUMNS if name != "current_load")

LOAD: Final = f"SELECT {', '.join(COLUMNS)} FROM worker_pool ORDER BY name"

DROP_OTHERS: Final = "DELETE FROM worker_pool WHERE name <> ALL($1::text[])"

SAVE: Final = f"""
INSERT INTO worker_pool ({", ".join(DESCRIBED)})
SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::float8[],
    $6::int[], $7::float8[], $8::float8[], $9::jsonb[]
)
ON CONFLICT (name) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in DESCRIBED)}
"""

SAVE_ONE: Final = f"""
INSERT INTO worker_pool ({", ".join(DESCRIBED)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE
SET {", ".join(f"{name} = excluded.{name}" for name in DESCRIBED if name != "id")}
RETURNING {", ".join(COLUMNS)}
"""

RECORD: Final = """
UPDATE worker_pool SET current_load = seen.load
FROM unnest($1::uuid[], $2::int[]) AS seen (id, load)
WHERE worker_pool.id = seen.id AND current_load <> seen.load
"""


@translated
async def load_fleet(pool: Pool) -> Fleet | None:
    """The fleet as it was saved, its pools by name; ``None`` before the first time."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        rows = await connection.fetch(LOAD)
        distance = await connection.fetchval(GET, DISTANCE)
    if not rows:
        return None
    return Fleet(
        pools=tuple(WorkerPool.model_validate(dict(row)) for row in rows), distance=distance or {}
    )


@translated
async def save_fleet(pool: Pool, fleet: Fleet) -> None:
    """Make ``fleet`` the whole fleet; a pool that stays keeps its load."""
    pools = sorted(fleet.pools, key=lambda worker_pool: worker_pool.name)
    described = [one.model_dump(exclude={"current_load"}) for one in pools]
    rows = [[values[name] for name in DESCRIBED] for values in described]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(PUT, DISTANCE, fleet.model_dump()["distance"])
        await connection.execute(DROP_OTHERS, [one.name for one in pools])
        await connection.execute(SAVE, *transposed(rows, len(DESCRIBED)))


@translated
async def save_pool(pool: Pool, worker_pool: WorkerPool) -> WorkerPool:
    """Add a pool to the fleet, or describe anew the one of its name, which keeps its id and load;
    the pool as it is then.
    """
    described = worker_pool.model_dump(exclude={"current_load"})
    row = await pool.fetchrow(SAVE_ONE, *(described[name] for name in DESCRIBED))
    return WorkerPool.model_validate(dict(row or {}))


@translated
async def record_loads(pool: Pool, loads: Mapping[UUID, int]) -> None:
    """Note how many slots of each pool are occupied; unknown pools are passed over."""
    await pool.execute(RECORD, *transposed(sorted(loads.items()), 2))
