"""What the API's silence, and what its refusals, become: a sentence, never an exception."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest

from trx_dashboard.api import Api, Token
from trx_dashboard.faults import Fault, FaultKind

TOKEN = Token("ada", "viewer", "secret")
URL = "http://service.example"


def api_that(answer: Callable[[httpx.Request], httpx.Response]) -> Api:
    return Api(URL, transport=httpx.MockTransport(answer))


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": "It does not work.", "title": "-"})


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    expected = Fault(FaultKind.AWAY, f"The service does not answer at {url}.")
    with closing(Api(url)) as api:
        assert api.stats(TOKEN) == expected
        assert api.log_in("ada", "secret") == expected


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=["another API"]),
        httpx.Response(404, json={}),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
    ],
    ids=["page", "other JSON", "other error", "redirect"],
)
def test_a_server_of_another_kind_is_told_as_such(answer: httpx.Response) -> None:
    fault = api_that(lambda _: answer).log_in("ada", "secret")
    assert isinstance(fault, Fault)
    assert fault.kind is FaultKind.AWAY
    assert "not as a TaskRouterX server" in fault.sentence


def test_an_answer_that_does_not_come_may_have_been_a_submission() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    read, sent = api_that(silent).stats(TOKEN), api_that(silent).submit(TOKEN, {"type": "web"})
    assert isinstance(read, Fault)
    assert isinstance(sent, Fault)
    assert read.sentence == f"{URL} did not answer in time."
    assert "Whether it took the request is not known" in sent.sentence


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "TRX-C205", FaultKind.LOGGED_OUT),
        (401, "TRX-C206", FaultKind.REFUSED),
        (403, "TRX-C207", FaultKind.REFUSED),
        (503, "TRX-A301", FaultKind.AWAY),
    ],
)
def test_what_to_do_about_a_refusal_follows_from_its_code(
    status: int, code: str, kind: FaultKind
) -> None:
    fault = api_that(lambda _: problem(status, code)).pools(TOKEN)
    assert isinstance(fault, Fault)
    assert fault.kind is kind
