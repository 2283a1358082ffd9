"""The API as methods; batches in, values out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import anyio
import httpx
import orjson
from pydantic import SecretStr, TypeAdapter

from trx_core.errors import AdapterError
from trx_core.models import ScheduleLog, Task, TaskRequest
from trx_server.addresses import in_words, system_error
from trx_server.client.errors import AnswerLost, NotAccepted, Refused
from trx_server.client.wire import Page, Switch, log_of, not_ours, page_of, shaped, task_of

__all__ = ["Client"]

T = TypeVar("T")

API: Final = "/api/v1"
LOGIN: Final = f"{API}/auth/token"
UNAUTHENTICATED: Final = "TRX-C205"
BAD_LOGIN: Final = "TRX-C206"
ANSWER_WITHIN: Final = 60.0
LOGIN_WITHIN: Final = 15.0
CONNECT_WITHIN: Final = 5.0
HINT: Final = "Is the server running, and is the URL right?"
NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
PAGE: Final = 1000
LOG_PAGE: Final = 2000

JSON_BODY: Final = {"Content-Type": "application/json"}
_SEVERAL: Final = TypeAdapter(list[TaskRequest])


class Bearer(httpx.Auth):
    """An access token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the token into ``request``."""
        request.headers["Authorization"] = self._header
        yield request


class Client:
    """The API of one server, for one user; an asynchronous context manager::

        async with Client("http://127.0.0.1:8080", "admin", password) as client:
            ids = await client.submit([TaskRequest(type="resize", cost=3.0)])
            print(await client.task(ids[0]))

    It logs in when it is first needed, and again when its token has expired.

    Args:
        url: of the server, without a path.
        user: who calls.
        password: theirs.
        transport: of httpx; by default the network.

    Raises:
        AdapterError: ``TRX-A402``, the URL is none. Every method raises ``TRX-A401``, nothing
            answers; ``TRX-A403``, something else answers; ``TRX-A404``, wrong name or password;
            :class:`NotAccepted`, :class:`AnswerLost` and :class:`ServerAway`.
        Refused: every method; what the API refuses.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str | SecretStr,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = _checked(url)
        self.user = user
        self._password = password if isinstance(password, SecretStr) else SecretStr(password)
        self._token: str | None = None
        self._login = anyio.Lock()
        self._met = False
        self._http = httpx.AsyncClient(
            base_url=self.url,
            transport=transport,
            trust_env=not _is_loopback(self.url),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def login(self) -> None:
        """Log in now, which tells early whether URL, name and password are right."""
        form = {"username": self.user, "password": self._password.get_secret_value()}
        try:
            response = await self._send("POST", LOGIN, data=form, within=LOGIN_WITHIN)
            self._token = shaped(response, lambda body: str(body["access_token"]))
        except AnswerLost as error:
            raise NotAccepted(error.message, code="TRX-A401", hint=HINT) from None
        except Refused as error:
            if error.code != BAD_LOGIN:
                raise
            raise AdapterError(
                f"{self.url} does not know the user {self.user!r} with that password.",
                code="TRX-A404",
                hint="Check the name, and the password in TRX_PASSWORD.",
            ) from None

    async def submit(self, requests: Sequence[TaskRequest]) -> list[UUID]:
        """Submit a batch, all or nothing; the ids of its tasks, in order."""
        body = _SEVERAL.dump_json(list(requests), exclude_defaults=True)
        return await self._call(
            "POST", "/tasks/batch", lambda answer: list(map(UUID, answer["ids"])), content=body
        )

    async def task(self, task_id: UUID) -> Task:
        """One task."""
        return await self._call("GET", f"/tasks/{task_id}", task_of)

    async def tasks(
        self, *, cursor: str | None = None, limit: int = PAGE, **filters: Any
    ) -> Page[Task]:
        """A page of tasks, the newest first; ``filters`` as the API has them."""
        query = {**filters, "cursor": cursor, "limit": limit}
        return await self._call("GET", "/tasks", partial(page_of, item=task_of), query=query)

    async def cancel(self, task_id: UUID) -> Task:
        """Cancel a pending task; what it is then."""
        return await self._call("DELETE", f"/tasks/{task_id}", task_of)

    async def logs(
        self, *, cursor: str | None = None, limit: int = LOG_PAGE, **filters: Any
    ) -> Page[ScheduleLog]:
        """A page of the schedule log, the oldest first; ``filters`` as the API has them."""
        query = {**filters, "cursor": cursor, "limit": limit}
        return await self._call("GET", "/logs", partial(page_of, item=log_of), query=query)

    async def log_pages(self, since: float, **filters: Any) -> AsyncIterator[Sequence[ScheduleLog]]:
        """The schedule log from ``since`` (seconds since the epoch) to now, page by page."""
        start = datetime.fromtimestamp(since, UTC).isoformat()
        page = await self.logs(since=start, **filters)
        yield page.items
        while page.cursor is not None:
            page = await self.logs(cursor=page.cursor, since=start, **filters)
            yield page.items

    async def capacities(self) -> dict[str, int]:
        """Slots by pool name."""
        return await self._call(
            "GET", "/workers", lambda a: {str(p["name"]): int(p["capacity"]) for p in a["items"]}
        )

    async def stats(self) -> Mapping[str, Any]:
        """The system's numbers, as the API has them."""
        return await self._call("GET", "/system/stats", dict)

    async def health(self) -> Mapping[str, Any]:
        """The server's health, as the API has it; needs no login."""
        return shaped(await self._send("GET", f"{API}/health"), dict)

    async def switch(self, name: str, params: Mapping[str, Any] | None = None) -> Switch:
        """Let another algorithm decide."""
        body = orjson.dumps({"name": name, "params": dict(params or {})})
        return await self._call(
            "POST",
            "/algorithms/switch",
            lambda answer: Switch(str(answer["old"]["name"]), str(answer["new"]["name"])),
            content=body,
        )

    async def _call(
        self,
        method: str,
        path: str,
        shape: Callable[[Any], T],
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> T:
        """Send a request with a token, and once more with a new one if that has expired."""
        params = {name: value for name, value in (query or {}).items() if value is not None}
        token = self._token or await self._renewed(None)
        send = partial(
            self._send, method, API + path, params=params, content=content, headers=JSON_BODY
        )
        try:
            return shaped(await send(auth=Bearer(token)), shape)
        except Refused as error:
            if error.code != UNAUTHENTICATED:
                raise
        return shaped(await send(auth=Bearer(await self._renewed(token))), shape)

    async def _renewed(self, stale: str | None) -> str:
        """A token other than ``stale``; one login, however many ask at once."""
        async with self._login:
            if self._token == stale:
                await self.login()
        assert self._token is not None
        return self._token

    async def _send(
        self, method: str, path: str, *, within: float = ANSWER_WITHIN, **rest: Any
    ) -> httpx.Response:
        timeout = httpx.Timeout(within, connect=CONNECT_WITHIN, pool=None)
        try:
            response = await self._http.request(method, path, timeout=timeout, **rest)
        except NOT_SENT as error:
            raise NotAccepted(
                f"nothing answers at {self.url} ({_reason(error, CONNECT_WITHIN)}).",
                code="TRX-A401",
                hint=HINT,
            ) from None
        except httpx.RequestError as error:
            if isinstance(error, httpx.RemoteProtocolError) and not self._met:
                raise not_ours(self.url) from None
            raise AnswerLost(
                f"{self.url} did not answer {method} {path} ({_reason(error, within)}).",
                code="TRX-A406",
                hint="See the server's log.",
            ) from None
        self._met = True
        return response


def _reason(error: Exception, within: float) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {within:g} s"
    return in_words(system_error(error))


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise AdapterError(
            f"{url!r} is not the URL of a server.",
            code="TRX-A402",
            hint="It reads http://HOST:PORT, for instance http://127.0.0.1:8080.",
        )
    return url.rstrip("/")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
