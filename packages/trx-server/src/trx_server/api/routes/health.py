"""Whether the service is well. Open to everyone: load balancers carry no token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, answer
from trx_server.api.observation import Reading
from trx_server.api.version import VERSION
from trx_server.api.views import Dependency, Health

__all__ = ["router"]

router = APIRouter(prefix=f"{PREFIX}/health", tags=["health"])


@router.get("", response_model=Health, dependencies=[NO_QUERY], responses={503: {"model": Health}})
async def health(services: Connected) -> Response:
    """`ok`; `degraded`: accepted but not dispatched for now (200); `down`: not accepted (503)."""
    database = await services.observer.database()
    queue = await services.observer.depth()
    status = "down" if database.error else "degraded" if queue.error else "ok"
    view = Health(
        status=status,
        version=VERSION,
        dependencies={"postgresql": _dependency(database), services.transport: _dependency(queue)},
    )
    return answer(view, 503 if database.error else 200, {"Cache-Control": "no-store"})


def _dependency(reading: Reading[Any]) -> Dependency:
    if reading.error:
        return Dependency(status="down", detail="does not answer; the log tells more")
    return Dependency(status="ok", latency_ms=round(reading.seconds * 1000, 3))
