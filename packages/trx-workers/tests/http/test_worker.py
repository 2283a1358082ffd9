"""The HTTP worker against real servers on loopback."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from endpoint import Endpoint, Received, Reply, serving

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.http.worker import HttpWorker

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
TASK = Task(
    ID,
    "resize",
    priority=7,
    cost=3.0,
    region="eu",
    enqueued_at=1_700_000_000.0,
    metadata={"picture": "föö.png"},
    attempt=2,
)
POOL = WorkerPool.model_validate(
    {
        "name": "resizers",
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 2.0,
        "capacity": 4,
        "worker": {"kind": "http"},
    }
)
LOOPBACK = ["127.0.0.1/32"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def ok(request: Received) -> Reply:
    return Reply()


def replying(reply: Reply) -> Any:
    async def answer(request: Received) -> Reply:
        return reply

    return answer


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(ok) as endpoint:
        yield endpoint


async def run(url: str, task: Task = TASK, **params: Any) -> Outcome:
    """One attempt by a new worker, checked for what every outcome must be."""
    worker = HttpWorker(url=url, **({"allow_private": LOOPBACK} | params))
    try:
        outcome = await worker.execute(task, POOL)
    finally:
        await worker.aclose()
    assert outcome.success is (outcome.error is None)
    return outcome


async def test_the_task_is_posted_as_json_and_2xx_is_success(endpoint: Endpoint) -> None:
    outcome = await run(endpoint.url)
    assert outcome == Outcome(outcome.latency, True, 6.0)
    assert 0 < outcome.latency < 30
    [request] = endpoint.received
    assert (request.method, request.path) == ("POST", "/work")
    assert request.headers["content-type"] == "application/json"
    assert request.body == {
        "id": str(ID),
        "type": "resize",
        "priority": 7,
        "cost": 3.0,
        "region": "eu",
        "region_required": False,
        "metadata": {"picture": "föö.png"},
        "attempt": 2,
        "slots": 1,
        "resource_type": None,
        "enqueued_at": "2023-11-14T22:13:20+00:00",
        "deadline": None,
        "expected_duration": None,
        "pool": {"id": str(POOL.id), "name": "resizers", "region": "eu"},
    }


async def test_an_attempt_has_a_key_of_its_own_and_names_its_task(endpoint: Endpoint) -> None:
    await run(endpoint.url)
    await run(endpoint.url, replace(TASK, attempt=3))
    first, second = (request.headers for request in endpoint.received)
    assert first["idempotency-key"] == f'"{ID}:2"'
    assert second["idempotency-key"] == f'"{ID}:3"'
    assert first["trx-task-id"] == second["trx-task-id"] == str(ID)
    assert (first["trx-attempt"], second["trx-attempt"]) == ("2", "3")


async def test_attempts_of_a_task_are_one_trace_with_no_sdk(endpoint: Endpoint) -> None:
    await run(endpoint.url)
    await run(endpoint.url, replace(TASK, attempt=3))
    first, second = (request.headers["traceparent"] for request in endpoint.received)
    assert re.fullmatch(rf"00-{ID.hex}-[0-9a-f]{{16}}-01", first)
    assert first[:35] == second[:35] and first != second


async def test_the_trace_of_the_submitter_is_carried_on(endpoint: Endpoint) -> None:
    came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    metadata = {"traceparent": came, "tracestate": "vendor=1"}
    await run(endpoint.url, replace(TASK, metadata=metadata))
    await run(endpoint.url, replace(TASK, metadata={"traceparent": 7}))
    first, second = (request.headers for request in endpoint.received)
    assert (first["traceparent"], first["tracestate"]) == (came, "vendor=1")
    assert second["traceparent"].startswith(f"00-{ID.hex}-")


async def test_headers_and_secrets_are_sent(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRX_SECRET_SHOP", "Bearer s3cret")
    headers: dict[str, Any] = {
        "headers": {"X-Team": "shop"},
        "secret_headers": {"Authorization": "SHOP"},
    }
    await run(endpoint.url, **headers)
    [request] = endpoint.received
    assert request.headers["x-team"] == "shop"
    assert request.headers["authorization"] == "Bearer s3cret"
    monkeypatch.delenv("TRX_SECRET_SHOP")
    with pytest.raises(ValueError, match="TRX_SECRET_SHOP is not set"):
        HttpWorker(url="https://shop.example/", **headers)


@pytest.mark.parametrize(
    ("status", "error"), [(503, ErrorKind.TRANSIENT), (400, ErrorKind.PERMANENT)]
)
async def test_a_refusal_tells_what_the_endpoint_said(status: int, error: ErrorKind) -> None:
    reply = Reply(status, {"retry-after": "7"}, body=b"no such picture")
    with serving(replying(reply)) as endpoint:
        outcome = await run(endpoint.url)
    assert (outcome.error, outcome.cost) == (error, 0.0)
    assert outcome.detail == f"status {status}: no such picture"
    assert outcome.retry_after == (7.0 if status == 503 else None)


async def test_the_endpoint_may_say_what_it_cost() -> None:
    with serving(replying(Reply(body={"cost": 0.5, "result": "small"}))) as endpoint:
        assert (await run(endpoint.url)).cost == 0.5


async def slow(request: Received) -> Reply:
    await asyncio.sleep(3600)
    return Reply()


async def test_an_endpoint_that_does_not_answer_is_given_up() -> None:
    with serving(slow) as endpoint:
        outcome = await run(endpoint.url, timeout=0.2)
    assert outcome.error is ErrorKind.TIMEOUT
    assert outcome.latency >= 0.2
    assert outcome.detail == "no answer within 0.2 s"


async def drip() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.02)


def streaming(parts: Any) -> Any:
    async def answer(request: Received) -> Reply:
        return Reply(parts=parts())

    return answer


async def test_an_answer_that_trickles_without_end_is_given_up() -> None:
    with serving(streaming(drip)) as endpoint:
        outcome = await run(endpoint.url, timeout=0.3)
    assert outcome.error is ErrorKind.TIMEOUT


@contextmanager
def flooding() -> Iterator[tuple[str, threading.Event]]:
    """A server whose answer never ends; the event tells that its client has hung up."""
    hung_up = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
                with suppress(OSError):
                    while True:
                        connection.sendall(b" " * 65_536)
            hung_up.set()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", hung_up
        thread.join(30)


async def test_a_huge_answer_is_cut_off_and_its_connection_closed() -> None:
    with flooding() as (url, hung_up):
        worker = HttpWorker(url=url, allow_private=True, max_response_bytes=100_000)
        outcome = await worker.execute(TASK, POOL)
        assert (outcome.error, outcome.success) == (ErrorKind.PERMANENT, False)
        assert outcome.detail == "status 200, and an answer of more than 100000 bytes"
        assert hung_up.wait(30), "while the worker is still there"
        await worker.aclose()


async def test_a_request_that_is_too_large_is_not_sent(endpoint: Endpoint) -> None:
    large = replace(TASK, metadata={"text": "x" * 2000})
    outcome = await run(endpoint.url, large, max_request_bytes=1024)
    assert outcome.error is ErrorKind.PERMANENT
    assert outcome.detail is not None and "1024 are sent" in outcome.detail
    assert not endpoint.received


async def test_nobody_there_is_a_transient_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = await run(f"http://127.0.0.1:{port}/")
    assert outcome.error is ErrorKind.TRANSIENT
    outcome = await run("http://no-such-host.invalid/")
    assert outcome.error is ErrorKind.TRANSIENT
    assert outcome.detail is not None and "no-such-host.invalid is not known" in outcome.detail


@contextmanager
def raw(answer: bytes) -> Iterator[str]:
    """A server that reads a request, sends these bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(30)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", b"SSH-2.0-OpenSSH_9\r\n"],
    ids=["none", "half", "another protocol"],
)
async def test_an_answer_that_is_lost_is_a_transient_failure(answer: bytes) -> None:
    with raw(answer) as url:
        outcome = await run(url)
    assert (outcome.success, outcome.error) == (False, ErrorKind.TRANSIENT)


async def test_connections_are_reused_and_never_more_than_slots() -> None:
    async def brief(request: Received) -> Reply:
        await asyncio.sleep(0.01)
        return Reply()

    with serving(brief) as endpoint:
        worker = HttpWorker(url=endpoint.url, allow_private=True)
        await asyncio.gather(*(worker.execute(TASK, POOL) for _ in range(40)))
        await worker.aclose()
    assert len(endpoint.received) == 40
    assert len({request.peer for request in endpoint.received}) <= POOL.capacity
    assert 1 < endpoint.most_open <= POOL.capacity


# Addresses and redirects.


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.8", "169.254.169.254"])
def test_a_private_address_in_the_url_is_refused_when_the_worker_is_made(host: str) -> None:
    with pytest.raises(ValueError, match=r"url: its address is .*; see allow_private"):
        HttpWorker(url=f"http://{host}:8000/work")


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1"])
async def test_a_name_is_resolved_before_it_is_judged(host: str, endpoint: Endpoint) -> None:
    url = f"http://{host}:{endpoint.port}/work"
    refused = await run(url, allow_private=["10.0.0.0/8"])
    assert refused.error is ErrorKind.TRANSIENT
    assert refused.detail is not None and "may not be connected to: loopback" in refused.detail
    assert not endpoint.received
    assert (await run(url, allow_private=["127.0.0.0/8"])).success


async def test_what_is_connected_to_is_what_was_checked(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that gives a public address first and a private one later gains nothing."""
    asked: list[str] = []

    async def rebinding(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.2" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding, raising=False)
    outcome = await run(f"http://shop.example:{endpoint.port}/", allow_private=["127.0.0.2/32"])
    assert asked == ["shop.example"]
    assert outcome.error is ErrorKind.TRANSIENT, "nobody listens at the address that was checked"
    assert not endpoint.received
    again = await run(f"http://shop.example:{endpoint.port}/", allow_private=["127.0.0.2/32"])
    assert again.detail is not None and "shop.example, which is 127.0.0.1, may not" in again.detail
    assert not endpoint.received


@contextmanager
def redirecting(status: int, location: str) -> Iterator[tuple[Endpoint, Endpoint]]:
    """An endpoint that sends on to ``location``, and another one."""

    async def answer(request: Received) -> Reply:
        if request.path == "/there":
            return Reply()
        target = location.format(here=first.port, other=second.port)
        return Reply(status, {"location": target})

    with serving(ok, host="127.0.0.2") as second, serving(answer) as first:
        yield first, second


async def test_redirects_are_not_followed_unless_asked() -> None:
    with redirecting(307, "/there") as (here, _):
        refused = await run(here.url)
        assert refused.error is ErrorKind.PERMANENT
        assert refused.detail == "status 307: a redirect to '/there' is not followed"
        assert (await run(here.url, redirects="same-origin")).success
        assert [request.path for request in here.received] == ["/work", "/work", "/there"]
        assert here.received[-1].body["id"] == str(ID)


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (307, "http://127.0.0.2:{other}/work"),
        (308, "//127.0.0.2:{other}/work"),
        (307, "http://localhost:{here}/there"),
        (307, "https://127.0.0.1:{here}/there"),
        (302, "/there"),
        (303, "/there"),
    ],
)
async def test_a_redirect_leads_nowhere_else_and_is_never_a_get(status: int, location: str) -> None:
    with redirecting(status, location) as (here, other):
        outcome = await run(here.url, redirects="same-origin", allow_private=True)
        assert outcome.error is ErrorKind.PERMANENT
        assert [request.path for request in here.received] == ["/work"]
        assert not other.received


async def test_a_redirect_to_what_is_no_url_is_a_transient_failure() -> None:
    with redirecting(307, "http://[::1") as (here, _):
        outcome = await run(here.url, redirects="same-origin")
    assert outcome.error is ErrorKind.TRANSIENT


async def test_a_redirect_without_end_is_given_up() -> None:
    with redirecting(307, "/again") as (here, _):
        outcome = await run(here.url, redirects="same-origin")
    assert (outcome.error, len(here.received)) == (ErrorKind.PERMANENT, 6)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "ftp://a/"}, "url: .*http://"),
        ({"url": "http://"}, "url: "),
        ({"url": "http://a..b\u0000/"}, "url: "),
        ({"url": "https://user:word@shop.example/"}, "secret_headers"),
        ({"headers": {"Host": "a"}}, "headers: .*Host"),
        ({"headers": {"X": "a\r\nY: b"}}, "headers: .*printable"),
        ({"headers": {"X Y": "a"}}, "headers: .*name"),
        ({"allow_private": ["10.0.0.1/8"]}, "allow_private: "),
        ({"redirects": "all"}, "redirects: "),
        ({"timeout": 0}, "timeout: "),
        ({"ca_file": "/no/such.pem"}, "ca_file: "),
        ({"retries": 3}, "retries: "),
    ],
)
def test_what_is_wrong_with_the_parameters_is_named(params: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        HttpWorker(**({"url": "https://shop.example/"} | params))
    assert "word@" not in str(refused.value)
