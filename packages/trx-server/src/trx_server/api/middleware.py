"""What every request passes through: an id, and metrics."""

from __future__ import annotations

import re
import time
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trx_server.api.metrics import ApiMetrics
from trx_server.logging import request_id

__all__ = ["Observed"]

HEADER: Final = "x-request-id"
ACCEPTABLE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNMATCHED: Final = "unmatched"


class Observed:
    """Gives a request an id (its own ``X-Request-ID`` if it has a decent one), and measures it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        identity = given if ACCEPTABLE_ID.fullmatch(given) else uuid4().hex
        token = request_id.set(identity)
        status = 500
        started = time.perf_counter()

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = identity
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            route = getattr(scope.get("route"), "path", UNMATCHED)
            seconds = time.perf_counter() - started
            _metrics(scope).observe(scope["method"], route, status, seconds)
            request_id.reset(token)


def _metrics(scope: Scope) -> ApiMetrics:
    metrics: ApiMetrics = scope["app"].state.services.metrics
    return metrics
