"""What the client says when the server is away, is something else, or fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import httpx
import orjson
import pytest
from anyio.abc import SocketAttribute, SocketStream

from trx_core.errors import AdapterError
from trx_core.models import TaskRequest
from trx_server.client import AnswerLost, Client, NotAccepted, ServerAway

from ..replay.service import free_port

TASKS = [TaskRequest(type="web")]
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
ELSEWHERE = (
    b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
)
OTHER_JSON = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)


@asynccontextmanager
async def server_that_says(answer: bytes) -> AsyncIterator[str]:
    """URL of a TCP server that gives every client the same answer."""

    async def talk(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(answer)

    port = free_port()
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port) as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, talk)
        yield f"http://127.0.0.1:{port}"
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("answer", [HTML, ELSEWHERE, OTHER_JSON, b"+OK ready\r\n"])
async def test_a_server_of_another_kind_is_told_as_such(answer: bytes) -> None:
    async with server_that_says(answer) as url, Client(url, "admin", "secret") as client:
        with pytest.raises(AdapterError, match=rf"TRX-A403: {url}") as caught:
            await client.login()
    assert "secret" not in str(caught.value)


async def test_a_redirect_is_told_with_its_target() -> None:
    async with server_that_says(ELSEWHERE) as url, Client(url, "admin", "secret") as client:
        with pytest.raises(AdapterError, match=r"elsewhere\.example"):
            await client.login()


async def test_a_server_that_stays_mute_is_not_waited_for_at_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trx_server.client.client.LOGIN_WITHIN", 0.2)
    told = r"TRX-A401: .* did not answer POST .*/auth/token \(no answer within 0\.2 s\)\. Is the"
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"
        async with Client(url, "admin", "secret") as client:
            with anyio.fail_after(20), pytest.raises(NotAccepted, match=told):
                await client.submit(TASKS)


async def test_nothing_that_listens_is_told_as_such() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with Client(url, "admin", "secret") as client:
        with pytest.raises(NotAccepted, match=f"TRX-A401: nothing answers at {url}"):
            await client.submit(TASKS)


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host", "http://", "http://h:x"])
async def test_what_is_no_url_is_told_as_such(url: str) -> None:
    with pytest.raises(AdapterError, match="TRX-A402"):
        Client(url, "admin", "secret")


def client_over(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client("http://api", "admin", "secret", transport=httpx.MockTransport(answer))


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(
        status,
        content=orjson.dumps({"title": "No", "detail": "No.", "status": status, "code": code}),
        headers={"Content-Type": "application/problem+json"},
    )


class Gate:
    """Logs in whoever asks; lets the latest token alone through, and then does ``then``."""

    def __init__(self, then: Callable[[], httpx.Response]) -> None:
        self.logins = 0
        self.valid = ""
        self._then = then

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/token"):
            self.logins += 1
            self.valid = f"token-{self.logins}"
            return httpx.Response(200, json={"access_token": self.valid})
        if request.headers["authorization"] != f"Bearer {self.valid}":
            return problem(401, "TRX-C205")
        return self._then()


async def test_an_expired_token_is_renewed_once_for_all_who_need_it() -> None:
    gate = Gate(lambda: httpx.Response(200, json={"tasks": {}}))
    async with client_over(gate) as client:
        await client.stats()
        gate.valid = "a token of the next hour"
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(client.stats)
    assert gate.logins == 2


async def test_a_token_that_is_refused_when_it_is_new_is_not_renewed_for_ever() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/token"):
            return httpx.Response(200, json={"access_token": "x"})
        return problem(401, "TRX-C205")

    async with client_over(refuse) as client:
        with pytest.raises(Exception, match="TRX-C205"):
            await client.stats()


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (503, "TRX-A301", NotAccepted),
        (503, "TRX-A304", NotAccepted),
        (503, "TRX-A305", NotAccepted),
        (503, "TRX-A302", ServerAway),
        (500, "TRX-K500", ServerAway),
    ],
)
async def test_a_server_in_trouble_says_whether_anything_was_stored(
    status: int, code: str, expected: type[Exception]
) -> None:
    async with client_over(Gate(lambda: problem(status, code))) as client:
        with pytest.raises(expected, match="No"):
            await client.submit(TASKS)


async def test_a_connection_that_breaks_leaves_the_fate_of_a_batch_open() -> None:
    def broken() -> httpx.Response:
        raise httpx.ReadError("connection reset")

    async with client_over(Gate(broken)) as client:
        with pytest.raises(AnswerLost, match="TRX-A406"):
            await client.submit(TASKS)
