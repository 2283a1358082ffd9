"""A real HTTP server on loopback, in a thread of its own, that answers as a test says."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

__all__ = ["Endpoint", "Received", "Reply", "serving"]


@dataclass(frozen=True)
class Received:
    """A request: headers by name in lower case, the JSON of its body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    peer: int


@dataclass(frozen=True)
class Reply:
    """An answer; ``parts`` are sent one by one as its body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    parts: AsyncIterator[bytes] | None = None


Answering = Callable[[Received], Awaitable[Reply]]


class Endpoint:
    """What answers, where, and what it was asked."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self.open = 0
        self.most_open = 0
        self.port = 0
        self.kill: Callable[[], None] = lambda: None
        """Ends the server now, and cuts its connections."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/work"

    @property
    def tasks(self) -> list[str]:
        """The ids of the tasks that were received, in order."""
        return [one.body["id"] for one in self.received]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As ASGI has it."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        peer = scope["client"][1]
        parsed = json.loads(body) if body else None
        request = Received(scope["method"], scope["path"], headers, parsed, peer)
        self.received.append(request)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._reply(await self.answer(request), send)
        finally:
            self.open -= 1

    async def _reply(self, reply: Reply, send: Any) -> None:
        headers = dict(reply.headers)
        body = b""
        if isinstance(reply.body, bytes):
            body = reply.body
        elif reply.body is not None:
            body = json.dumps(reply.body).encode()
            headers.setdefault("content-type", "application/json")
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": raw})
        if reply.parts is not None:
            async for part in reply.parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(
    answer: Answering, *, host: str = "127.0.0.1", port: int = 0, ssl_certfile: Path | None = None
) -> Iterator[Endpoint]:
    """An endpoint that answers until the end of the block; then its connections are cut."""
    endpoint = Endpoint(answer)
    listener = socket.create_server((host, port))
    endpoint.port = listener.getsockname()[1]
    config = uvicorn.Config(
        endpoint,
        lifespan="off",
        log_config=None,
        ws="none",
        timeout_graceful_shutdown=0,
        ssl_certfile=ssl_certfile,
    )
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=serve, name="endpoint")

    def kill() -> None:
        server.should_exit = True
        server.force_exit = True
        thread.join(30)
        listener.close()

    endpoint.kill = kill
    thread.start()
    try:
        yield endpoint
    finally:
        kill()
