"""Worker pools."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from trx_server.api.auth import Permission
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, May, answer
from trx_server.api.views import Fleet, PoolView
from trx_server.store import load_fleet

__all__ = ["router"]

router = APIRouter(prefix=f"{PREFIX}/workers", tags=["workers"])

READ: Final = [Depends(May(Permission.WORKERS_READ)), NO_QUERY]


@router.get("", response_model=Fleet, dependencies=READ)
async def listed(services: Connected) -> Response:
    """The pools, by name, with the slots that are occupied."""
    fleet = await load_fleet(services.pool)
    pools = fleet.pools if fleet else ()
    return answer(Fleet(items=[PoolView.model_validate(pool) for pool in pools]))
