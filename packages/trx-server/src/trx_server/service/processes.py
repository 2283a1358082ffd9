"""The processes of the service: what each runs, and when it serves."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import httpx

from trx_server.embedded import ProcessSpec
from trx_server.settings import Settings, Urls

__all__ = ["api_spec", "dashboard_spec", "environment", "runner_spec", "url_of"]

TRX: Final = (sys.executable, "-m", "trx_core.cli")
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
GRACE: Final = 10.0
PATIENCE: Final = GRACE + 12.0
READY_WITHIN: Final = 60.0
METRICS_PORT: Final = "TRX_METRICS_PORT"


def environment(settings: Settings, urls: Urls, secret: str) -> dict[str, str]:
    """Our own environment, with every setting that we do not leave to its default."""
    given = settings.model_dump(mode="json", exclude_unset=True, exclude={"data_dir", "jwt_secret"})
    variables = dict(_variables("TRX", given))
    return {
        **os.environ,
        **variables,
        "TRX_DATABASE_URL": urls.database,
        "TRX_REDIS_URL": urls.redis,
        "TRX_JWT_SECRET": secret,
        "PYTHONUNBUFFERED": "1",
    }


def api_spec(env: Mapping[str, str], host: str, port: int, logs: Path | None) -> ProcessSpec:
    """The API, which serves when its health can be asked for."""
    return _spec(
        "api",
        ("api", "--host", host, "--port", str(port)),
        env,
        logs,
        ready=_answers(f"{url_of(host, port)}/api/v1/health"),
    )


def runner_spec(
    env: Mapping[str, str], number: int, logs: Path | None, first_port: int | None
) -> ProcessSpec:
    """A scheduler runner, one of several that are numbered from 1.

    Each serves its metrics on a port of its own: the first one on ``first_port``, the others on
    those that follow; each on a free one if it is 0, and none if it is ``None``.
    """
    ours = {key: value for key, value in env.items() if key != METRICS_PORT}
    if first_port is not None:
        ours[METRICS_PORT] = str(first_port and first_port + number - 1)
    return _spec(f"runner-{number}", ("runner", "--grace", f"{GRACE:g}"), ours, logs)


def dashboard_spec(
    env: Mapping[str, str], api_url: str, host: str, port: int, logs: Path | None
) -> ProcessSpec:
    """The dashboard, which gets no secrets: it talks to the API alone."""
    ours = {key: value for key, value in env.items() if not key.startswith("TRX_")}
    return _spec(
        "dashboard",
        ("dashboard", "--api-url", api_url, "--host", host, "--port", str(port)),
        ours,
        logs,
        ready=_answers(f"{url_of(host, port)}/_stcore/health"),
    )


def _spec(
    name: str,
    arguments: tuple[str, ...],
    env: Mapping[str, str],
    logs: Path | None,
    ready: Callable[[], Awaitable[object]] | None = None,
) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        argv=[*TRX, *arguments],
        env=env,
        log=logs / f"{name}.log" if logs else None,
        stop=((signal.SIGTERM, PATIENCE),),
        ready=ready,
        ready_within=READY_WITHIN,
    )


def _answers(url: str) -> Callable[[], Awaitable[object]]:
    async def ask() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            (await client.get(url)).raise_for_status()

    return ask


def url_of(host: str, port: int) -> str:
    """How a listener on ``host`` is reached from this machine (RFC 3986, 3.2.2)."""
    reachable = EVERYWHERE.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _variables(prefix: str, values: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        variable = f"{prefix}_{name.upper()}" if prefix == "TRX" else f"{prefix}__{name.upper()}"
        if isinstance(value, Mapping):
            found += _variables(variable, value)
        elif isinstance(value, list):
            found.append((variable, ",".join(value)))
        elif value is not None:
            found.append((variable, str(value)))
    return found
