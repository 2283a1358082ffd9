"""What routes ask for: the services, and a caller who may do what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel
from starlette.responses import Response

from trx_server.api.auth import Permission, Principal, grants
from trx_server.api.auth.tokens import InvalidTokenError
from trx_server.api.problems import FORBIDDEN, UNAUTHENTICATED, Refusal
from trx_server.api.services import Services

__all__ = ["PREFIX", "Caller", "Connected", "answer", "may"]

PREFIX: Final = "/api/v1"

_bearer = OAuth2PasswordBearer(tokenUrl=f"{PREFIX}/auth/token", auto_error=False)

M = TypeVar("M", bound=BaseModel)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Connected = Annotated[Services, Depends(_services)]


async def _caller(services: Connected, token: Annotated[str | None, Depends(_bearer)]) -> Principal:
    if token is None:
        raise Refusal(
            UNAUTHENTICATED,
            "An access token is needed.",
            hint=f"Get one from POST {PREFIX}/auth/token and send it as `Authorization: Bearer`.",
        )
    try:
        return services.tokens.read(token)
    except InvalidTokenError as error:
        raise Refusal(
            UNAUTHENTICATED, f"The access token is not valid: {error}.", hint="Log in again."
        ) from None


Caller = Annotated[Principal, Depends(_caller)]


def may(permission: Permission) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets only callers through whose role holds ``permission``."""

    async def check(caller: Caller) -> Principal:
        if not grants(caller.role, permission):
            raise Refusal(
                FORBIDDEN, f"The role {caller.role} may not do this; it takes {permission}."
            )
        return caller

    return check


def answer(view: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """``view`` as a JSON response."""
    return Response(
        view.model_dump_json(), status_code=status, headers=headers, media_type="application/json"
    )
