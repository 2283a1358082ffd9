"""Bodies far above the limit, from clients that write all of it before they read."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from itertools import product
from urllib.parse import urlsplit

import anyio
import pytest
from anyio import to_thread

from trx_server.api import body_limit

from .harness import API, Served

MEGABYTE = 10**6
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def by_urllib(url: str, headers: Mapping[str, str], size: int) -> int:
    request = urllib.request.Request(url, b"x" * size, dict(headers))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            assert b'"code":"TRX-C2' in error.read()
            return error.code


def by_http_client(url: str, headers: Mapping[str, str], size: int) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    chunks = (b"x" * 65_536 for _ in range(size // 65_536))
    try:
        connection.request(
            "POST", parts.path, chunks, {**headers, "Connection": "close"}, encode_chunked=True
        )
        answer = connection.getresponse()
        assert b'"code":"TRX-C2' in answer.read()
        return answer.status
    finally:
        connection.close()


CASES = [
    ("/tasks", JSON, True, {413}),
    ("/auth/token", FORM, False, {413, 400}),
    ("/tasks", JSON, False, {401}),
    ("/nothing", JSON, True, {404}),
]
"""A form whose length is not declared may first be refused for a field that is too long."""


async def test_the_answer_arrives(api: Served, subtests: pytest.Subtests) -> None:
    base = f"{str(api.http.base_url).rstrip('/')}{API}"
    for (path, kind, token, expected), post, megabytes in product(
        CASES, (by_urllib, by_http_client), (20, 40)
    ):
        with subtests.test(path=path, by=post.__name__, megabytes=megabytes):
            headers = {"Content-Type": kind}
            if token:
                headers["Authorization"] = api.http.headers["Authorization"]
            size = megabytes * MEGABYTE
            assert await to_thread.run_sync(post, base + path, headers, size) in expected


def ask(url: str, head: str) -> bytes:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head.encode())
        return connection.recv(65_536)


async def test_who_waits_to_be_asked_is_not_asked_for_what_is_too_large(api: Served) -> None:
    head = (
        f"POST {API}/tasks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        f"Content-Type: {JSON}\r\nContent-Length: 40000000\r\n"
        f"Authorization: {api.http.headers['Authorization']}\r\n\r\n"
    )
    answer = await to_thread.run_sync(ask, str(api.http.base_url), head)
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_client_that_does_not_go_on_is_waited_for_no_longer_than_a_while(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "DRAINED_SECONDS", 0.2)
    head = (
        f"POST {API}/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n"
        f"Content-Length: 40000000\r\n"
        f"Authorization: {api.http.headers['Authorization']}\r\n\r\n{{"
    )
    with anyio.fail_after(20):
        answer = await to_thread.run_sync(ask, str(api.http.base_url), head)
    assert answer.startswith(b"HTTP/1.1 413 ")
