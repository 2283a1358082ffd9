"""Everything that the API refuses or cannot do, as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trx_core.errors import AdapterError, CallerError, PluginError, TrxError
from trx_server.accept import OverloadedError
from trx_server.logging import request_id
from trx_server.store import NothingWrittenError

__all__ = ["MEDIA_TYPE", "Problem", "Refusal", "field_errors", "install", "problem_response"]

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
MOST_ERRORS: Final = 100
RETRY_AFTER: Final = "2"
AWAY: Final = "A server that this needs is away. Try again later."
NOTHING_STORED: Final = (
    "A server that this needs is away. Nothing of this request was stored: send it again."
)
BEARER: Final = MappingProxyType({"WWW-Authenticate": "Bearer"})
LATER: Final = MappingProxyType({"Retry-After": RETRY_AFTER})
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Problem(NamedTuple):
    """A kind of refusal.

    Attributes:
        code: stable identifier.
        status: of the response.
        headers: of the response.
    """

    code: str
    status: int
    headers: Mapping[str, str] = NO_HEADERS


MALFORMED: Final = Problem("TRX-C201", HTTPStatus.BAD_REQUEST)
INVALID: Final = Problem("TRX-C202", HTTPStatus.UNPROCESSABLE_ENTITY)
TOO_LARGE: Final = Problem("TRX-C203", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
NOT_JSON: Final = Problem("TRX-C204", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
UNAUTHENTICATED: Final = Problem("TRX-C205", HTTPStatus.UNAUTHORIZED, BEARER)
BAD_LOGIN: Final = Problem("TRX-C206", HTTPStatus.UNAUTHORIZED, BEARER)
FORBIDDEN: Final = Problem("TRX-C207", HTTPStatus.FORBIDDEN)
NO_ROUTE: Final = Problem("TRX-C208", HTTPStatus.NOT_FOUND)
NO_METHOD: Final = Problem("TRX-C209", HTTPStatus.METHOD_NOT_ALLOWED)
NO_TASK: Final = Problem("TRX-C210", HTTPStatus.NOT_FOUND)
NOT_PENDING: Final = Problem("TRX-C211", HTTPStatus.CONFLICT)
NO_ALGORITHM: Final = Problem("TRX-C212", HTTPStatus.UNPROCESSABLE_ENTITY)
NO_FORM: Final = Problem("TRX-C213", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
NO_WORKER: Final = Problem("TRX-C220", HTTPStatus.UNPROCESSABLE_ENTITY)
NO_POOL: Final = Problem("TRX-C221", HTTPStatus.NOT_FOUND)
NO_SCENARIO: Final = Problem("TRX-C230", HTTPStatus.UNPROCESSABLE_ENTITY)
NO_SIMULATION: Final = Problem("TRX-C231", HTTPStatus.NOT_FOUND)
TOO_MANY_SIMULATIONS: Final = Problem("TRX-C232", HTTPStatus.CONFLICT)
DEFECT: Final = Problem("TRX-K500", HTTPStatus.INTERNAL_SERVER_ERROR)

BY_STATUS: Final = MappingProxyType(
    {problem.status: problem for problem in (NO_ROUTE, NO_METHOD, TOO_LARGE, MALFORMED)}
)


class Refusal(CallerError):
    """A request that is refused, with everything its answer needs.

    Args:
        problem: the kind.
        message: what is wrong, one sentence.
        hint: what to do about it.
        errors: the fields or rows at fault, as of :func:`field_errors`.
    """

    def __init__(
        self,
        problem: Problem,
        message: str,
        *,
        hint: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message, code=problem.code, hint=hint)
        self.problem = problem
        self.errors = errors


def field_errors(
    found: Iterable[Mapping[str, Any]], *, within: int = 0, rows: bool = False
) -> list[dict[str, Any]]:
    """pydantic's errors as ``{"row"?, "field", "message"}``.

    Args:
        found: of ``ValidationError.errors()``.
        within: leading parts of each location that the caller did not write.
        rows: whether what follows is the index of a row of a batch, from 0.
    """
    errors = []
    for item in found:
        place = item["loc"][within:]
        row = {"row": place[0]} if rows and place else {}
        path = place[len(row) :]
        message = item["msg"].removeprefix("Value error, ")
        errors.append({**row, "field": ".".join(map(str, path)), "message": message})
    return errors


def problem_response(
    problem: Problem,
    detail: str,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] = NO_HEADERS,
) -> Response:
    """The answer to a refused request; at most 100 errors are listed, and it says so."""
    if len(errors) > MOST_ERRORS:
        detail += f" The first {MOST_ERRORS} of {len(errors):,} errors are listed."
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": int(problem.status),
        "detail": detail,
        "code": problem.code,
        "request_id": request_id.get(),
    }
    if errors:
        content |= {"errors": errors[:MOST_ERRORS], "error_count": len(errors)}
    return Response(
        orjson.dumps(content),
        status_code=problem.status,
        headers={**problem.headers, **headers},
        media_type=MEDIA_TYPE,
    )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem_response(error.problem, _sentence(error), errors=error.errors)


async def _failed(request: Request, error: Exception) -> Response:
    """A TrxError from below: parameters that nobody can use, a plugin that fails, or a server that
    is away.

    What is said of a server goes to the log: its address is nobody else's business.
    """
    assert isinstance(error, TrxError)
    if isinstance(error, CallerError):
        return problem_response(Problem(error.code, INVALID.status), _sentence(error))
    if isinstance(error, PluginError):
        logger.error("%s %s failed. %s", request.method, request.url.path, error, exc_info=error)
        broken = Problem(error.code, HTTPStatus.INTERNAL_SERVER_ERROR)
        return problem_response(broken, _sentence(error))
    if isinstance(error, AdapterError):
        logger.warning("%s", error)
        away = Problem(error.code, HTTPStatus.SERVICE_UNAVAILABLE, LATER)
        return problem_response(away, _of_a_server(error))
    return await _defect(request, error)


def _of_a_server(error: AdapterError) -> str:
    if isinstance(error, OverloadedError):
        return _sentence(error)
    return NOTHING_STORED if isinstance(error, NothingWrittenError) else AWAY


def _sentence(error: TrxError) -> str:
    return f"{error.message} {error.hint}" if error.hint else error.message


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = field_errors(error.errors(), within=1)
    return problem_response(INVALID, "The request is not valid.", errors=errors)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = BY_STATUS.get(error.status_code, Problem("TRX-C200", error.status_code))
    return problem_response(problem, str(error.detail), headers=error.headers or NO_HEADERS)


async def _defect(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(DEFECT, "This is a defect of the service; its log tells more.")


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error with problem details."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(TrxError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)
