"""What answers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from trx_core.models import ErrorKind, Outcome
from trx_workers.http.answers import Answer, outcome_of

JSON = {"content-type": "application/json; charset=utf-8"}


def judged(status: int, body: bytes = b"", **headers: str) -> Outcome:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return outcome_of(Answer(status, named, body), 1.5, 7.0, 4096)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_success_at_the_price_of_the_pool(status: int) -> None:
    assert judged(status) == Outcome(1.5, True, 7.0)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, ErrorKind.TRANSIENT) for status in (408, 425, 429, 500, 502, 503, 504)),
        *((status, ErrorKind.PERMANENT) for status in (400, 401, 403, 404, 409, 413, 422)),
        *((status, ErrorKind.PERMANENT) for status in (301, 302, 304, 307, 308, 501, 505)),
    ],
)
def test_other_statuses_fail_transiently_or_for_good(status: int, error: ErrorKind) -> None:
    outcome = judged(status, b"no\n such   thing\x00", location="http://elsewhere/")
    assert (outcome.success, outcome.error, outcome.cost) == (False, error, 0.0)
    assert outcome.detail is not None
    assert outcome.detail.startswith(f"status {status}: ")
    assert outcome.detail.isprintable()


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        (b'{"cost": 0.25}', 0.25),
        (b'{"cost": 0}', 0.0),
        (b'{"result": 1}', 7.0),
        (b'{"cost": null}', 7.0),
        (b'{"cost": -1}', 7.0),
        (b'{"cost": true}', 7.0),
        (b'{"cost": "free"}', 7.0),
        (b'{"cost": NaN}', 7.0),
        (b'{"cost": 1e999}', 7.0),
        (b"[1]", 7.0),
        (b"", 7.0),
        (b"{", 7.0),
        (b"[" * 100_000, 7.0),
    ],
)
def test_a_cost_in_the_answer_goes_before_the_price(body: bytes, cost: float) -> None:
    answer = Answer(200, JSON, body)
    assert outcome_of(answer, 1.5, 7.0, 1 << 20) == Outcome(1.5, True, cost)


def test_a_cost_is_read_from_json_alone_and_charged_for_failures_too() -> None:
    assert judged(200, b'{"cost": 1}', content_type="text/plain").cost == 7.0
    assert judged(500, b'{"cost": 1}', content_type="application/problem+json").cost == 1.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("17", 17.0), ("9" * 40, 1e9), ("soon", None), ("-3", None), ("1.5", None)],
)
def test_retry_after_in_seconds(value: str, seconds: Any) -> None:
    assert judged(503, retry_after=value).retry_after == seconds


def test_retry_after_as_a_date() -> None:
    due = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    found = judged(429, retry_after=due).retry_after
    assert found is not None and 50 < found <= 60
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert judged(429, retry_after=past).retry_after == 0.0


def test_who_fails_for_good_is_not_asked_again() -> None:
    assert judged(400, retry_after="3").retry_after is None


def test_an_answer_that_was_cut_off_fails_for_good() -> None:
    outcome = outcome_of(Answer(200, {}, b"x" * 9, cut=True), 1.5, 7.0, 9)
    assert (outcome.error, outcome.detail) == (
        ErrorKind.PERMANENT,
        "status 200, and an answer of more than 9 bytes",
    )
