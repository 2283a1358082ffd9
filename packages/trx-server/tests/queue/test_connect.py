"""Servers that cannot be used, and the plugin."""

from __future__ import annotations

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from trx_core.errors import AdapterError, OperatorError, TrxError
from trx_core.protocols import Order
from trx_server import plugin
from trx_server.queue import RedisQueue, open_redis, redis_queue


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://:secret@127.0.0.1:1/0", "connection refused"),
        ("unix:///nowhere/redis.sock", "no such file or directory"),
        ("redis://no.invalid", "not known|resolution"),
    ],
)
async def test_a_server_that_does_not_answer_is_one_clear_sentence(url: str, words: str) -> None:
    said = rf"^TRX-A201: .* cannot be reached: [a-z ]*({words})[a-z ]*\. .*TRX_REDIS_URL\.$"
    with pytest.raises(AdapterError, match=said) as caught:
        await open_redis(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://host", "redis://host:port"])
async def test_a_wrong_url_says_what_a_right_one_is(url: str) -> None:
    with pytest.raises(OperatorError, match=r"TRX-O210: .*redis://host:6379/0"):
        await open_redis(url)


@pytest.mark.parametrize("port", ["abc", "99999", "-1"])
async def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(OperatorError, match=f"TRX-O210: .* port '{port}' is no number"):
        await open_redis(f"redis://127.0.0.1:{port}/0")


HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("scheme", "answer", "words"),
    [
        ("redis", HTTP, "is no Redis"),
        ("redis", b"SSH-2.0-x\r\n", "is no Redis"),
        ("redis", b"", "closed the connection; it may be no Redis"),
        ("rediss", HTTP, "does not speak TLS as a rediss:// URL asks for"),
    ],
)
async def test_what_is_no_redis_is_a_wrong_url(scheme: str, answer: bytes, words: str) -> None:
    async def talk(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(answer)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        port = listener.extra(SocketAttribute.local_port)
        tasks.start_soon(listener.serve, talk)
        said = rf"^TRX-A201: what answers at 127\.0\.0\.1:{port} {words}.* --redis-url\.$"
        with pytest.raises(AdapterError, match=said):
            await open_redis(f"{scheme}://127.0.0.1:{port}/0", "--redis-url")
        tasks.cancel_scope.cancel()


async def test_an_old_server_is_refused(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trx_server.queue.connect.OLDEST", (99, 0))
    with pytest.raises(AdapterError, match=r"TRX-A202: .* is of version \d+\.\d+\.\d+"):
        await open_redis(redis_url)


async def test_a_wrong_password_is_said_so(redis_url: str) -> None:
    with pytest.raises(AdapterError, match=r"TRX-A203: .* refused .* password") as caught:
        await open_redis(redis_url.replace("unix://", "unix://someone:secret@"))
    assert "secret" not in str(caught.value)


async def test_every_operation_tells_an_outage() -> None:
    async with redis_queue("redis://127.0.0.1:1") as queue:
        for call in (
            queue.publish([]),
            queue.fetch(1, Order.PRIORITY, wait=0),
            queue.ack(["0:high:1-0"]),
            queue.depth(),
            queue.ensure(),
            queue.keep_alive(["0:high:1-0"]),
            queue.adopt(0, 1),
            queue.forget("one"),
        ):
            with pytest.raises(TrxError, match="TRX-A201"):
                await call


async def test_the_plugin_offers_it_for_every_scheme(redis_url: str) -> None:
    specs = {spec.name: spec for spec in plugin.trx_register_queues()}
    assert set(specs) == {"redis", "rediss", "unix"}
    queue = specs["unix"].build({"url": redis_url, "namespace": "other", "partitions": 2})
    assert isinstance(queue, RedisQueue)
    async with queue:
        assert await queue.fetch(1, Order.PRIORITY, wait=0) == []
