"""What the API could not or would not do, as values that a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

import httpx

__all__ = ["Fault", "FaultKind", "FieldError", "fault_of", "lost", "not_sent", "stranger"]

UNAUTHENTICATED: Final = "TRX-C205"


class FaultKind(Enum):
    """What a page does about a fault."""

    AWAY = "try again later"
    LOGGED_OUT = "log in again"
    REFUSED = "mend the request"


class FieldError(NamedTuple):
    """What is wrong with a field.

    Attributes:
        row: index in the batch, from 0; ``None`` when the request is no batch.
        field: path of the field; empty when the row or the request as a whole is wrong.
        message: what is wrong.
    """

    row: int | None
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer.

    Attributes:
        kind: what to do about it.
        sentence: what happened, for people.
        errors: fields and rows at fault, as far as they are told.
        count: how many there are.
    """

    kind: FaultKind
    sentence: str
    errors: Sequence[FieldError] = ()
    count: int = 0


def fault_of(response: httpx.Response, body: Any) -> Fault:
    """The fault that an answer other than 2xx tells of (RFC 9457)."""
    if not isinstance(body, Mapping) or "code" not in body:
        return stranger(response)
    detail = str(body.get("detail") or body.get("title") or f"status {response.status_code}")
    if response.is_server_error:
        return Fault(FaultKind.AWAY, f"The service cannot do this now. {detail} ({body['code']})")
    if body["code"] == UNAUTHENTICATED:
        return Fault(FaultKind.LOGGED_OUT, "Your login has expired. Log in again.")
    errors = tuple(
        FieldError(each.get("row"), str(each.get("field", "")), str(each.get("message", "")))
        for each in body.get("errors", ())
    )
    return Fault(FaultKind.REFUSED, detail, errors, int(body.get("error_count", len(errors))))


def not_sent(url: str) -> Fault:
    """Nothing took the request."""
    return Fault(FaultKind.AWAY, f"The service does not answer at {url}.")


def lost(url: str, *, changes: bool) -> Fault:
    """The request was sent and no answer came.

    Args:
        url: of the server.
        changes: whether the request would have changed something.
    """
    unknown = " Whether it took the request is not known: look at the newest tasks first."
    return Fault(FaultKind.AWAY, f"{url} did not answer in time.{unknown if changes else ''}")


def stranger(response: httpx.Response) -> Fault:
    """Whoever answered is not the API."""
    where = f"{response.url.scheme}://{response.url.netloc.decode()}"
    said = f"answers ({response.status_code}), but not as a TaskRouterX server does"
    return Fault(FaultKind.AWAY, f"{where} {said}. Is the dashboard's --api-url right?")
