"""The HTTP API as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.types import Lifespan

from trx_server.api import problems
from trx_server.api.body_limit import BodyLimit
from trx_server.api.dependencies import PREFIX
from trx_server.api.docs import install_docs
from trx_server.api.middleware import Observed
from trx_server.api.routes import ROUTERS
from trx_server.api.services import Services, open_services
from trx_server.api.version import VERSION
from trx_server.api.views import ProblemView
from trx_server.settings import Settings

__all__ = ["create_app", "serving"]

DESCRIPTION: Final = """
Routes tasks to worker pools. Every error is `application/problem+json` (RFC 9457) with a stable
`code`. `/health` and `/metrics` are open; everything else takes a bearer token.
"""


def create_app(settings: Settings) -> FastAPI:
    """The application; it connects when it starts and disconnects when it stops.

    What :func:`open_services` raises is raised at its start.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            _connect(app, services)
            yield

    return _build(settings, lifespan)


def serving(services: Services) -> FastAPI:
    """The application on services that are open already and outlive it."""
    app = _build(services.settings, None)
    _connect(app, services)
    return app


def _build(settings: Settings, lifespan: Lifespan[FastAPI] | None) -> FastAPI:
    app = FastAPI(
        title="TaskRouterX",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(BodyLimit, largest=settings.max_body_bytes)
    app.add_middleware(Observed)
    problems.install(app)
    install_docs(app)
    for router in ROUTERS:
        app.include_router(router, responses={"default": {"model": ProblemView}})
    return app


def _connect(app: FastAPI, services: Services) -> None:
    app.state.services = services
