"""What an endpoint's answer means for the attempt."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from trx_core.models import ErrorKind, Outcome

__all__ = ["Answer", "outcome_of"]

logger = logging.getLogger(__name__)

TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses (RFC 9110, 6585, 8470) after which another attempt may succeed."""

LONGEST: Final = 200
MOST_SECONDS: Final = 1e9


class Answer(NamedTuple):
    """An answer that was read.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        body: all of it, or as much as is taken.
        cut: whether there was more.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


def outcome_of(answer: Answer, seconds: float, price: float, limit: int) -> Outcome:
    """The outcome of an attempt that was answered.

    Args:
        answer: to the request.
        seconds: that it took.
        price: of an attempt that succeeds, unless the answer has a ``cost``.
        limit: largest body of an answer, bytes.
    """
    if answer.cut:
        detail = f"status {answer.status}, and an answer of more than {limit} bytes"
        return Outcome(seconds, False, 0.0, ErrorKind.PERMANENT, detail)
    cost = _cost(answer)
    if 200 <= answer.status < 300:
        return Outcome(seconds, True, price if cost is None else cost)
    again = answer.status in TRY_AGAIN
    return Outcome(
        latency=seconds,
        success=False,
        cost=cost or 0.0,
        error=ErrorKind.TRANSIENT if again else ErrorKind.PERMANENT,
        detail=_detail(answer),
        retry_after=_retry_after(answer.headers.get("retry-after")) if again else None,
    )


def _cost(answer: Answer) -> float | None:
    """What the answer says that the attempt cost, if it is JSON and says so."""
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not answer.body or not (media_type == "application/json" or media_type.endswith("+json")):
        return None
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        logger.warning("an endpoint answered %d with broken JSON", answer.status)
        return None
    cost = body.get("cost") if isinstance(body, dict) else None
    if cost is None:
        return None
    number = isinstance(cost, int | float) and not isinstance(cost, bool)
    if not number or not math.isfinite(cost) or cost < 0:
        logger.warning("an endpoint answered with a cost of %.100r, which is none", cost)
        return None
    return float(cost)


def _detail(answer: Answer) -> str:
    said = " ".join(answer.body[: 4 * LONGEST].decode(errors="replace").split())
    if 300 <= answer.status < 400:
        said = f"a redirect to {answer.headers.get('location', 'nowhere')!r} is not followed"
    text = "".join(c if c.isprintable() else "?" for c in said)[:LONGEST]
    return f"status {answer.status}: {text}" if text else f"status {answer.status}"


def _retry_after(value: str | None) -> float | None:
    """Seconds (RFC 9110, section 10.2.3); ``None`` for what is neither a number nor a date."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value), MOST_SECONDS)
    try:
        due = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, due - time.time()), MOST_SECONDS)
