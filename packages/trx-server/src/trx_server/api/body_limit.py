"""A bound on the bodies of requests, and an answer that reaches whoever exceeds it."""

from __future__ import annotations

from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit"]

DRAINED_BYTES: Final = 64 * 2**20
DRAINED_SECONDS: Final = 10.0


class BodyLimit:
    """Ends the reading of a body that is too long, whether or not it says so beforehand.

    A request may be answered before its body has been read, for this reason or another. What is
    left of the body is then read and thrown away first, at most 64 MiB and for 10 s: a connection
    that is closed on unread bytes is reset, which takes the answer from a client that still writes
    (RFC 9112, section 9.6).
    """

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(Headers(scope=scope), receive)

        async def bounded() -> Message:
            if body.declared > self._largest:
                raise self._too_large()
            message = await body.receive()
            if body.seen > self._largest:
                raise self._too_large()
            return message

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                await body.drain()
            await send(message)

        await self._app(scope, bounded, answered)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body is larger than {self._largest} bytes.")


class _Body:
    """The body of one request as it comes in.

    Attributes:
        declared: its length in bytes, as far as it is told beforehand, else 0.
        seen: bytes that were received.
    """

    def __init__(self, headers: Headers, receive: Receive) -> None:
        declared = headers.get("content-length", "")
        self._receive = receive
        self.declared = int(declared) if declared.isdecimal() else 0
        self.seen = 0
        self._open = self.declared > 0 or "transfer-encoding" in headers
        self._asked_for = headers.get("expect", "").lower() != "100-continue"

    async def receive(self) -> Message:
        """The next part; a client that waits to be asked for its body is asked."""
        self._asked_for = True
        message = await self._receive()
        self.seen += len(message.get("body", b""))
        self._open = message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Throw away what is on its way, within bounds."""
        most = self.seen + DRAINED_BYTES
        with anyio.move_on_after(DRAINED_SECONDS):
            while self._open and self._asked_for and self.seen < most:
                await self.receive()
