"""What routes ask for: the services, and a caller who may do what they do."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from fastapi import Depends, Query, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.base import SecurityBase
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from trx_server.api.auth import Permission, Principal, grants
from trx_server.api.auth.tokens import InvalidTokenError
from trx_server.api.problems import FORBIDDEN, UNAUTHENTICATED, Refusal
from trx_server.api.services import Services

__all__ = ["NO_QUERY", "PREFIX", "Caller", "Connected", "May", "answer", "services_of"]

PREFIX: Final = "/api/v1"
LOG_IN: Final = f"Get one from POST {PREFIX}/auth/token and send it as `Authorization: Bearer`."

_bearer: Final = OAuth2PasswordBearer(tokenUrl=f"{PREFIX}/auth/token", auto_error=False)

M = TypeVar("M", bound=BaseModel)


async def services_of(request: Request) -> Services:
    """The services of the application that answers ``request``."""
    services: Services = request.app.state.services
    return services


Connected = Annotated[Services, Depends(services_of)]


class NoQuery(BaseModel):
    """A query without parameters."""

    model_config = ConfigDict(extra="forbid")


def _no_query(_: Annotated[NoQuery, Query()]) -> None:
    """It has been checked."""


NO_QUERY: Final = Depends(_no_query)
"""A dependency of every route that has no query parameters: refuses those that are given."""


class Authenticated(SecurityBase):
    """A dependency: who calls; it lets only those through whose access token is good."""

    def __init__(self) -> None:
        self.model = _bearer.model
        self.scheme_name = _bearer.scheme_name

    async def __call__(self, request: Request) -> Principal:
        """The caller.

        Raises:
            Refusal: there is no token, or it is not good.
        """
        token = await _bearer(request)
        if token is None:
            raise Refusal(UNAUTHENTICATED, "An access token is needed.", hint=LOG_IN)
        services = await services_of(request)
        try:
            return services.tokens.read(token, services.clock.now())
        except InvalidTokenError as error:
            message = f"The access token is not valid: {error}."
            raise Refusal(UNAUTHENTICATED, message, hint="Log in again.") from None


Caller = Annotated[Principal, Depends(Authenticated())]


class May(Authenticated):
    """Lets only callers through whose role holds ``permission``."""

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self._permission = permission

    async def __call__(self, request: Request) -> Principal:
        """The caller.

        Raises:
            Refusal: as before, or the role may not do this.
        """
        caller = await super().__call__(request)
        if not grants(caller.role, self._permission):
            raise Refusal(
                FORBIDDEN, f"The role {caller.role} may not do this; it takes {self._permission}."
            )
        return caller


def answer(view: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """``view`` as a JSON response."""
    return Response(
        view.model_dump_json(), status_code=status, headers=headers, media_type="application/json"
    )
