"""Answers of the API, from JSON to values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

import httpx
import orjson

from trx_core.errors import AdapterError
from trx_core.models import EventType, ScheduleLog, Task, TaskStatus
from trx_server.client.errors import NotAccepted, Refused, RowError, ServerAway

__all__ = ["Page", "Switch", "log_of", "not_ours", "page_of", "shaped", "task_of"]

T = TypeVar("T")

JSON: Final = ("application/json", "application/problem+json")
NOT_STORED: Final = frozenset({"TRX-A301", "TRX-A304", "TRX-A305"})
"""Codes of answers that are given before anything is stored."""

SHOWN: Final = 5
CHECK: Final = "Check the URL: host, port, and that nothing else listens there."


class Page(NamedTuple, Generic[T]):
    """A part of a list; ``cursor`` asks for the following one, ``None`` at the end."""

    items: Sequence[T]
    cursor: str | None


class Switch(NamedTuple):
    """The algorithm that decided before, and the one that decides from now on."""

    old: str
    new: str


def shaped(response: httpx.Response, shape: Callable[[Any], T]) -> T:
    """``shape`` of the JSON of an answer that is good; ``shape(None)`` if it has no content.

    Raises:
        Refused: the API refused the request.
        NotAccepted: ``TRX-A405``, it takes no more for now.
        ServerAway: ``TRX-A407``, it cannot serve the request.
        AdapterError: ``TRX-A403``, whoever answered is not this API.
    """
    body = _json(response)
    if not response.is_success:
        raise _problem(response, body)
    try:
        return shape(body)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _stranger(response) from None


def not_ours(url: str) -> AdapterError:
    """``TRX-A403``: what answers at ``url`` does not even speak HTTP."""
    return AdapterError(f"{url} does not speak HTTP.", code="TRX-A403", hint=CHECK)


def page_of(body: Mapping[str, Any], item: Callable[[Mapping[str, Any]], T]) -> Page[T]:
    """A page of what ``item`` makes of each of its items."""
    return Page([item(one) for one in body["items"]], body["next_cursor"])


def task_of(item: Mapping[str, Any]) -> Task:
    """A task."""
    times = ("started_at", "completed_at", "deadline")
    worker = item["worker_id"]
    return Task(
        **{
            **item,
            **{name: instant(item[name]) for name in times if item[name] is not None},
            "id": UUID(item["id"]),
            "status": TaskStatus(item["status"]),
            "enqueued_at": instant(item["enqueued_at"]),
            "worker_id": None if worker is None else UUID(worker),
        }
    )


def log_of(item: Mapping[str, Any]) -> ScheduleLog:
    """A row of the schedule log."""
    return ScheduleLog(
        UUID(item["id"]),
        UUID(item["task_id"]),
        instant(item["timestamp"]),
        EventType(item["event_type"]),
        item["details"],
    )


def instant(text: str) -> float:
    """RFC 3339 to seconds since the epoch."""
    when = datetime.fromisoformat(text)
    return when.replace(tzinfo=when.tzinfo or UTC).timestamp()


def _json(response: httpx.Response) -> Any:
    if response.is_success and not response.content:
        return None
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in JSON:
        raise _stranger(response)
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise _stranger(response) from None


def _problem(response: httpx.Response, body: Any) -> Exception:
    if not isinstance(body, dict) or "code" not in body:
        return _stranger(response)
    detail = str(body.get("detail") or body.get("title") or f"status {response.status_code}")
    code = str(body["code"])
    if code in NOT_STORED:
        return NotAccepted(
            f"the server takes nothing for now ({code}): {detail}",
            code="TRX-A405",
            hint="Try again later.",
        )
    if response.is_server_error:
        return ServerAway(
            f"{response.url} answered {response.status_code}: {detail} ({code})",
            code="TRX-A407",
            hint="See the server's log, and `/api/v1/health`.",
        )
    errors = [
        RowError(e.get("row"), str(e.get("field", "")), str(e.get("message", "")))
        for e in body.get("errors", ())
    ]
    return Refused(
        _sentence(detail, errors, int(body.get("error_count", len(errors)))),
        code=code,
        status=response.status_code,
        errors=errors,
    )


def _sentence(detail: str, errors: Sequence[RowError], count: int) -> str:
    if not errors:
        return detail
    named = "; ".join(map(str, errors[:SHOWN]))
    more = f"; and {count - SHOWN} more" if count > SHOWN else ""
    return f"{detail.rstrip('.')}: {named}{more}."


def _stranger(response: httpx.Response) -> AdapterError:
    where = f"{response.url.scheme}://{response.url.netloc.decode()}"
    if response.is_redirect:
        said = f"sends us on to {response.headers.get('location', 'nowhere')!r}"
        hint = "Give the URL of the API itself."
    else:
        said = f"answers {response.status_code} in another way than a TaskRouterX server"
        hint = CHECK
    return AdapterError(f"{where} {said}.", code="TRX-A403", hint=hint)
