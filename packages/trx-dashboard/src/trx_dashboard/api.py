"""The API as functions; a :class:`~trx_dashboard.faults.Fault` where there is no answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpx

from trx_dashboard.faults import Fault, fault_of, lost, not_sent, stranger

__all__ = ["Api", "Json", "Token"]

T = TypeVar("T")
Json = Mapping[str, Any]

API: Final = "/api/v1"
TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Token(NamedTuple):
    """A login.

    Attributes:
        user: who logged in.
        role: theirs.
        secret: the access token.
    """

    user: str
    role: str
    secret: str


class Api:
    """The API of one server, for any number of users and threads.

    No method raises: each returns what the API answered, or else a
    :class:`~trx_dashboard.faults.Fault`.

    Args:
        url: of the server, without a path.
        transport: of httpx; by default the network.
    """

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url + API,
            timeout=TIMEOUT,
            transport=transport,
            trust_env=not _is_loopback(self.url),
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def log_in(self, user: str, password: str) -> Token | Fault:
        """Exchange a name and a password for a token."""
        return self._call(
            "POST",
            "/auth/token",
            lambda body: Token(user, str(body["role"]), str(body["access_token"])),
            data={"username": user, "password": password},
        )

    def submit(self, token: Token, task: Json) -> str | Fault:
        """Submit a task; its id."""
        return self._call(
            "POST", "/tasks", lambda body: str(body["id"]), token, content=_dump(task)
        )

    def submit_batch(self, token: Token, tasks: Sequence[Json]) -> Sequence[str] | Fault:
        """Submit several, all or nothing; their ids, in order."""
        content = _dump(tasks)
        return self._call("POST", "/tasks/batch", lambda body: list(body["ids"]), token, content)

    def task(self, token: Token, task_id: str) -> Json | Fault:
        """One task."""
        return self._call("GET", f"/tasks/{task_id}", dict, token)

    def tasks(self, token: Token, limit: int, filters: Json) -> Sequence[Json] | Fault:
        """The newest tasks that pass the filters, the newest first."""
        params = {"limit": limit, **filters}
        return self._call("GET", "/tasks", lambda body: list(body["items"]), token, params=params)

    def pools(self, token: Token) -> Sequence[Json] | Fault:
        """The worker pools, by name."""
        return self._call("GET", "/workers", lambda body: list(body["items"]), token)

    def stats(self, token: Token) -> Json | Fault:
        """The service in numbers."""
        return self._call("GET", "/system/stats", dict, token)

    def scenarios(self, token: Token) -> Sequence[Json] | Fault:
        """The traffic patterns that are installed with the API, by name."""
        return self._call("GET", "/scenarios", lambda body: list(body["items"]), token)

    def simulate(self, token: Token, request: Json) -> Json | Fault:
        """Start a traffic pattern; how it is then."""
        return self._call("POST", "/simulate", dict, token, content=_dump(request))

    def simulations(self, token: Token, limit: int) -> Sequence[Json] | Fault:
        """The newest simulations, the newest first."""
        params = {"limit": limit}
        return self._call(
            "GET", "/simulate", lambda body: list(body["items"]), token, params=params
        )

    def stop_simulation(self, token: Token, key: str) -> Json | Fault:
        """Ask a simulation to stop; how it is then."""
        return self._call("DELETE", f"/simulate/{key}", dict, token)

    def _call(
        self,
        method: str,
        path: str,
        shape: Callable[[Any], T],
        token: Token | None = None,
        content: bytes | None = None,
        *,
        params: Json | None = None,
        data: Json | None = None,
    ) -> T | Fault:
        headers = {"Authorization": f"Bearer {token.secret}"} if token else {}
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = self._http.request(
                method, path, headers=headers, content=content, params=params, data=data
            )
        except NOT_SENT:
            return not_sent(self.url)
        except httpx.RequestError:
            return lost(self.url, changes=content is not None)
        try:
            body = response.json()
            return shape(body) if response.is_success else fault_of(response, body)
        except (KeyError, TypeError, ValueError):
            return stranger(response)


def _dump(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
