"""Which algorithm decides."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from trx_core.errors import CallerError
from trx_core.plugins.wiring import make_algorithm
from trx_server.api.auth import Permission
from trx_server.api.bodies import json_body
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, May, answer
from trx_server.api.problems import NO_ALGORITHM, Refusal
from trx_server.api.services import Services
from trx_server.api.views import AlgorithmChoice, AlgorithmSwitch
from trx_server.store import get_setting, put_setting

__all__ = ["SETTING", "chosen_algorithm", "router"]

SETTING: Final = "algorithm"
CHOICE: Final = TypeAdapter(AlgorithmChoice)
SCHEMA: Final = {"application/json": {"schema": AlgorithmChoice.model_json_schema()}}

router = APIRouter(prefix=f"{PREFIX}/algorithms", tags=["algorithms"])


@router.post(
    "/switch",
    response_model=AlgorithmSwitch,
    dependencies=[Depends(May(Permission.ALGORITHMS_SWITCH)), NO_QUERY],
    openapi_extra={"requestBody": {"required": True, "content": SCHEMA}},
)
async def switch(request: Request, services: Connected) -> Response:
    """Let another algorithm decide; every runner follows within a second or two."""
    new = await json_body(request, CHOICE)
    try:
        await to_thread.run_sync(make_algorithm, services.registry, new.name, new.params)
    except CallerError as error:
        wrong = "params" if error.code == "TRX-C111" else "name"
        message = f"{error.message} {error.hint or ''}".strip()
        raise Refusal(
            NO_ALGORITHM,
            "The algorithm cannot be used.",
            errors=[{"field": wrong, "message": message}],
        ) from None
    old = await chosen_algorithm(services)
    await put_setting(services.pool, SETTING, new.model_dump())
    return answer(AlgorithmSwitch(old=old, new=new))


async def chosen_algorithm(services: Services) -> AlgorithmChoice:
    """The latest switch, or the configured algorithm before the first one."""
    stored = await get_setting(services.pool, SETTING)
    if stored is None:
        return AlgorithmChoice(name=services.settings.algorithm)
    return AlgorithmChoice.model_validate(stored)
