"""Logging in (RFC 6749, section 4.3), and who one is."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm
from starlette.responses import Response

from trx_server.api.auth.roles import GRANTS
from trx_server.api.dependencies import NO_QUERY, PREFIX, Caller, Connected, answer
from trx_server.api.problems import BAD_LOGIN, NO_FORM, Refusal
from trx_server.api.views import Me, Token
from trx_server.store import find_user

__all__ = ["router"]

USER_NAME: Final = re.compile(r"[\w.@+-]{1,64}")

FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")

router = APIRouter(prefix=f"{PREFIX}/auth", tags=["auth"])


def _form_only(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and media_type not in FORMS:
        raise Refusal(
            NO_FORM,
            f"The body is {media_type!r}.",
            hint=f"Send the form fields `username` and `password` as {FORMS[0]}.",
        )


@router.post("/token", response_model=Token, dependencies=[Depends(_form_only), NO_QUERY])
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], services: Connected
) -> Response:
    """Exchange a name and a password for an access token."""
    nameable = USER_NAME.fullmatch(form.username)
    user = await find_user(services.pool, form.username) if nameable else None
    stored = user.password_hash if user else None
    if not await services.passwords.verify(form.password, stored) or user is None:
        raise Refusal(BAD_LOGIN, "The name or the password is wrong.")
    token = services.tokens.issue(user.name, user.role, services.clock.now())
    return answer(
        Token(access_token=token, expires_in=int(services.tokens.lifetime), role=user.role),
        headers={"Cache-Control": "no-store"},
    )


@router.get("/me", response_model=Me, dependencies=[NO_QUERY])
async def me(caller: Caller) -> Response:
    """Whom the access token stands for, and what they may do."""
    return answer(
        Me(
            name=caller.name,
            role=caller.role,
            permissions=sorted(GRANTS[caller.role]),
            expires=caller.expires,
        )
    )
