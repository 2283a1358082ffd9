"""The service in numbers."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from trx_core.errors import AdapterError
from trx_server.api.auth import Permission
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, May, answer
from trx_server.api.routes.algorithms import chosen_algorithm
from trx_server.api.version import VERSION
from trx_server.api.views import QueueView, Stats

__all__ = ["router"]

router = APIRouter(prefix=f"{PREFIX}/system", tags=["system"])

READ: Final = [Depends(May(Permission.STATS_READ)), NO_QUERY]


@router.get("/stats", response_model=Stats, dependencies=READ)
async def stats(services: Connected) -> Response:
    """How many tasks there are, what the queue holds, who decides; at most a second old."""
    ledger = await services.observer.stats()
    if ledger.value is None:
        raise AdapterError(f"the ledger cannot be read: {ledger.error}", code="TRX-A302")
    depth = await services.observer.depth()
    return answer(
        Stats(
            version=VERSION,
            uptime_seconds=services.clock.now() - services.started_at,
            algorithm=await chosen_algorithm(services),
            **ledger.value._asdict(),
            queue=QueueView(**depth.value._asdict(), total=depth.value.total)
            if depth.value
            else None,
            waiting=services.acceptor.waiting,
        )
    )
