"""The HTTP worker: POSTs a task to the pool's endpoint, and takes the answer for its outcome."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, ClassVar, Final

import httpcore
import httpx

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.http.addresses import AddressPolicy
from trx_workers.http.answers import Answer, outcome_of
from trx_workers.http.messages import body_of, headers_of, traced
from trx_workers.http.parameters import HttpParameters, Redirects
from trx_workers.http.transport import CheckedTransport
from trx_workers.parameters import Parameters

__all__ = ["HttpWorker"]

MOST_REDIRECTS: Final = 5
KEEPS_THE_METHOD: Final = frozenset({307, 308})

FAILED: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpx.HTTPError,
    ssl.SSLError,
    OSError,
)


class HttpWorker:
    """Tasks are carried out by whoever answers at a URL.

    An attempt is one POST of the task as JSON. It is answered when the work is done: any 2xx is
    success. 408, 425, 429, 500, 502, 503 and 504, and an answer that does not arrive, are transient
    failures; a ``Retry-After`` is heeded up to the longest delay of the retry policy. Exceeding
    ``timeout`` is one of kind ``timeout``, every other answer a permanent one.

    A lost answer does not mean that the work was not done: delivery is at least once, and the
    headers ``Trx-Task-Id`` and ``Idempotency-Key`` let an endpoint tell a repetition.

    There are no more connections than the pool has slots; idle ones are kept for a while. Proxies
    of the environment are not used, cookies are not kept, and answers are not decompressed.

    Args:
        params: as in :class:`~trx_workers.http.parameters.HttpParameters`, by name.

    Raises:
        ValueError: naming each parameter that is wrong, or a secret that is not there.
    """

    parameters: ClassVar[type[Parameters]] = HttpParameters

    def __init__(self, **params: Any) -> None:
        given = HttpParameters.parse(params)
        self._given = given
        self._url = _parsed(given.url)
        self._policy = AddressPolicy(given.allow_private)
        refusal = self._policy.literal_refusal(self._url.host)
        if refusal is not None:
            raise ValueError(f"url: its address is {refusal}; see allow_private")
        self._headers = given.all_headers()
        self._tls = _trusting(given.ca_file)
        self._client: httpx.AsyncClient | None = None

    async def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        """One attempt."""
        body = body_of(task, pool)
        if len(body) > self._given.max_request_bytes:
            detail = f"the task takes {len(body)} bytes; {self._given.max_request_bytes} are sent"
            return Outcome(0.0, False, 0.0, ErrorKind.PERMANENT, detail)
        loop = asyncio.get_running_loop()
        began = loop.time()
        limit = asyncio.timeout(self._given.timeout)
        try:
            with traced(task, pool) as trace:
                async with limit:
                    answer = await self._answer(body, {**headers_of(task), **trace}, pool.capacity)
        except FAILED as error:
            seconds = loop.time() - began
            if limit.expired():
                detail = f"no answer within {self._given.timeout:g} s"
                return Outcome(seconds, False, 0.0, ErrorKind.TIMEOUT, detail)
            return Outcome(seconds, False, 0.0, ErrorKind.TRANSIENT, _told(error))
        price = task.cost * pool.cost_per_unit
        return outcome_of(answer, loop.time() - began, price, self._given.max_response_bytes)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _answer(self, body: bytes, headers: dict[str, str], capacity: int) -> Answer:
        client = self._client = self._client or self._connected(capacity)
        url = self._url
        for _ in range(MOST_REDIRECTS + 1):
            request = client.build_request("POST", url, content=body, headers=headers)
            response = await client.send(request, stream=True)
            try:
                target = self._target(url, response)
                if target is None:
                    return await self._read(response)
                url = target
            finally:
                await response.aclose()
        return Answer(response.status_code, dict(response.headers), b"")

    def _connected(self, capacity: int) -> httpx.AsyncClient:
        headers = httpx.Headers({"User-Agent": "trx-workers"})
        headers.update(self._headers)
        return httpx.AsyncClient(
            transport=CheckedTransport(self._policy, max(1, capacity), self._tls),
            timeout=httpx.Timeout(None, connect=self._given.connect_timeout),
            headers=headers,
            trust_env=False,
        )

    def _target(self, url: httpx.URL, response: httpx.Response) -> httpx.URL | None:
        """Where a redirect that is followed leads."""
        location = response.headers.get("location")
        if self._given.redirects is Redirects.NONE or location is None:
            return None
        if response.status_code not in KEEPS_THE_METHOD:
            return None
        try:
            target = url.join(location)
        except httpx.InvalidURL:
            return None
        return target if _origin(target) == _origin(url) else None

    async def _read(self, response: httpx.Response) -> Answer:
        """The answer, up to the limit; what is not read is not waited for."""
        limit = self._given.max_response_bytes
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > limit:
                break
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, bytes(body[:limit]), len(body) > limit)


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"url: {error}") from None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    if ca_file is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ValueError(f"ca_file: {ca_file!r} cannot be used: {error}") from None


def _told(error: BaseException) -> str:
    said = " ".join(str(error).split()).rstrip(".") or "the connection was lost"
    return f"{type(error).__name__}: {said}"
