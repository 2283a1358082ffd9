"""HTTP connections to addresses that were checked: names are resolved here and nowhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from ipaddress import ip_address
from typing import Any, Final, cast

import httpcore
import httpx

from trx_workers.http.addresses import Address, AddressPolicy

__all__ = ["AddressRefused", "CheckedTransport"]

KEEP_ALIVE: Final = 4.0
"""Seconds that an idle connection is kept: less than servers do (uvicorn 5, nginx 75)."""


class AddressRefused(httpcore.ConnectError):
    """Every address of the host is one that the pool may not connect to."""


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name, checks every address, and connects to one of those that were checked.

    Whoever answers for the name cannot give another address in between (DNS rebinding).
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(host, port, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection within {timeout:g} s") from error

    async def _connect(
        self, host: str, port: int, options: Iterable[httpcore.SOCKET_OPTION] | None
    ) -> httpcore.AsyncNetworkStream:
        failure: httpcore.ConnectError = AddressRefused(f"{host} has no address")
        for address in await _resolved(host, port):
            reason = self._policy.refusal(address)
            if reason is not None:
                where = str(address) if str(address) == host else f"{host}, which is {address},"
                failure = AddressRefused(f"{where} may not be connected to: {reason}")
                continue
            try:
                return await self._network.connect_tcp(str(address), port, socket_options=options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure


class CheckedTransport(httpx.AsyncBaseTransport):
    """Carries requests over connections that a policy allows.

    Failures are raised as httpcore has them.

    Args:
        policy: which addresses.
        connections: how many there may be at once, from 1.
        tls: how certificates are checked.
    """

    def __init__(self, policy: AddressPolicy, connections: int, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=_CheckedBackend(policy),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of the answer is read by the caller."""
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(cast(AsyncIterable[bytes], answer.stream)),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        closing: Any = getattr(self._stream, "aclose", None)
        if closing is not None:
            await closing()


async def _resolved(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the order in which the system prefers them."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(f"{host} is not known: {error.strerror or error}") from error
    return list(dict.fromkeys(ip_address(place[4][0]) for place in found))
