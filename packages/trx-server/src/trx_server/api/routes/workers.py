"""Worker pools."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from trx_server.api.auth import Permission
from trx_server.api.bodies import json_body
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, May, answer
from trx_server.api.pools import DESCRIPTION, described, worker_faults
from trx_server.api.problems import NO_POOL, NO_WORKER, Refusal
from trx_server.api.views import Fleet, PoolDetails, PoolView
from trx_server.store import load_fleet, save_pool

__all__ = ["router"]

READ: Final = [Depends(May(Permission.WORKERS_READ)), NO_QUERY]
WRITE: Final = [Depends(May(Permission.WORKERS_WRITE)), NO_QUERY]
SCHEMA: Final = {"application/json": {"schema": DESCRIPTION.json_schema()}}

router = APIRouter(prefix=f"{PREFIX}/workers", tags=["workers"])


@router.get("", response_model=Fleet, dependencies=READ)
async def listed(services: Connected) -> Response:
    """The pools, by name, with the slots that are occupied."""
    fleet = await load_fleet(services.pool)
    pools = fleet.pools if fleet else ()
    return answer(Fleet(items=[PoolView.model_validate(pool) for pool in pools]))


@router.get("/{name:path}", response_model=PoolDetails, dependencies=WRITE)
async def told(name: str, services: Connected) -> Response:
    """A pool with its workers' parameters, which may hold secrets."""
    fleet = await load_fleet(services.pool)
    for pool in fleet.pools if fleet else ():
        if pool.name == name:
            return answer(PoolDetails.model_validate(pool))
    raise Refusal(NO_POOL, f"There is no pool {name!r}.")


@router.put(
    "/{name:path}",
    response_model=PoolDetails,
    dependencies=WRITE,
    openapi_extra={"requestBody": {"required": True, "content": SCHEMA}},
)
async def put(name: str, request: Request, services: Connected) -> Response:
    """Add a pool, or describe it anew; every runner follows within a second or two.

    What runs on it goes on. A capacity of 0 drains it.
    """
    pool = described(name, await json_body(request, DESCRIPTION))
    faults = await to_thread.run_sync(worker_faults, services.registry, pool.worker)
    if faults:
        raise Refusal(NO_WORKER, "The pool's workers cannot be made.", errors=faults)
    return answer(PoolDetails.model_validate(await save_pool(services.pool, pool)))
