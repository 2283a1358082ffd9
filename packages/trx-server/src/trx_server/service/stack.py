"""Starts the service in order and stops it in the reverse order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import anyio

from trx_core.cli import parse_named
from trx_core.errors import OperatorError
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm
from trx_server.api.auth import ensure_admin, required_secret, stored_secret
from trx_server.db import upgrade
from trx_server.embedded import EmbeddedServers, Report, Supervisor
from trx_server.listening import listening_socket
from trx_server.queue import open_redis, queue_spec
from trx_server.service.options import ServiceOptions
from trx_server.service.own_log import own_log
from trx_server.service.processes import api_spec, dashboard_spec, environment, runner_spec, url_of
from trx_server.settings import Settings, Urls, urls_of
from trx_server.store import Pool, live_runners, load_fleet, open_pool, save_fleet

__all__ = ["RunningService", "running_service"]

RUNNERS_WITHIN: Final = 60.0
LOOK_EVERY: Final = 0.1


@dataclass(frozen=True, slots=True)
class RunningService:
    """The service as it runs.

    Attributes:
        url: of the API.
        dashboard_url: ``None`` when there is no dashboard.
        admin_password: of the user ``admin``, if it was made just now.
        logs: folder of the processes' logs; ``None``: they go to our own output.
        supervisor: of the API, the runners and the dashboard.
        servers: the embedded servers, if there are.
        urls: of the servers.
    """

    url: str
    dashboard_url: str | None
    admin_password: str | None
    logs: Path | None
    supervisor: Supervisor
    servers: EmbeddedServers | None
    urls: Urls


@asynccontextmanager
async def running_service(
    options: ServiceOptions,
    on_event: Report,
    on_step: Callable[[str], None],
) -> AsyncIterator[RunningService]:
    """Start everything, and stop everything at the end of the block, however it ends.

    Processes that die are restarted; when one of them keeps dying the block is cancelled and the
    statement raises the reason.

    Args:
        options: how much to start.
        on_event: gets what happens to the processes.
        on_step: gets what is being done now, for people.

    Raises:
        OperatorError: what has to be mended: a busy port or data directory, wrong settings, a
            platform without the servers' wheels, a process that does not start.
        AdapterError: a configured server cannot be reached.
        CallerError: ``TRX-C120``, the configured algorithm is unknown.
    """
    settings = options.settings
    registry = load_plugins()
    make_algorithm(registry, settings.algorithm)
    for text in settings.collectors:
        registry.collector(parse_named(text)[0])
    if settings.queue_url is not None:
        queue_spec(registry, settings.queue_url)
    ports = _claimed_ports(settings.host, settings.port, options.dashboard_port)
    _see_free(settings.host, settings.metrics_port, options.runners)
    async with AsyncExitStack() as stack:
        try:
            yield await _start(options, ports, stack, on_event, on_step)
        finally:
            on_step("stopping")


async def _start(
    options: ServiceOptions,
    ports: tuple[int, int | None],
    stack: AsyncExitStack,
    on_event: Report,
    on_step: Callable[[str], None],
) -> RunningService:
    settings = options.settings
    port, board = ports
    servers, urls, secret = await _servers(settings, stack, on_event, on_step)
    logs = servers.data.logs if servers else None
    stack.enter_context(own_log(logs))
    await (await open_redis(urls.redis)).aclose()
    on_step("migrating the schema")
    await upgrade(urls.database)
    async with open_pool(urls.database, 1) as pool:
        password = await ensure_admin(pool)
        if options.replace_fleet or await load_fleet(pool) is None:
            await save_fleet(pool, options.fleet)
    env = environment(settings, urls, secret)
    supervisor = await stack.enter_async_context(Supervisor(on_event=on_event))
    on_step("starting the API")
    await supervisor.start(api_spec(env, settings.host, port, logs))
    url = url_of(settings.host, port)
    on_step(f"starting {options.runners} scheduler runners")
    async with open_pool(urls.database, 1) as pool:
        earlier = await live_runners(pool)
        for number in range(1, options.runners + 1):
            await supervisor.start(runner_spec(env, number, logs, settings.metrics_port))
        await _wait_for_runners(pool, options.runners, earlier)
    board_url = None
    if board is not None:
        on_step("starting the dashboard")
        await supervisor.start(dashboard_spec(env, url, settings.host, board, logs))
        board_url = url_of(settings.host, board)
    return RunningService(url, board_url, password, logs, supervisor, servers, urls)


async def _servers(
    settings: Settings,
    stack: AsyncExitStack,
    on_event: Report,
    on_step: Callable[[str], None],
) -> tuple[EmbeddedServers | None, Urls, str]:
    """The configured servers, or else embedded ones; and the key for access tokens."""
    database, redis = settings.database_url, settings.redis_url
    if database is not None and redis is not None:
        return None, urls_of(settings, database, redis), required_secret(settings)
    if database is not None or redis is not None:
        missing, given = ("TRX_REDIS_URL", "TRX_DATABASE_URL")[:: 1 if database else -1]
        raise OperatorError(
            f"{given} is set and {missing} is not.",
            code="TRX-O107",
            hint="Set both, to use servers of your own, or neither, to have them started.",
        )
    on_step("starting PostgreSQL and Valkey")
    servers = EmbeddedServers(settings.data_dir, on_event=on_event)
    await stack.enter_async_context(servers)
    configured = settings.jwt_secret
    secret = configured.get_secret_value() if configured else stored_secret(servers.data.root)
    return servers, urls_of(settings, servers.database_url, servers.redis_url), secret


async def _wait_for_runners(pool: Pool, wanted: int, earlier: AbstractSet[UUID]) -> None:
    """Return when so many runners are registered that were not among the ``earlier`` ones."""
    with anyio.move_on_after(RUNNERS_WITHIN):
        while len(await live_runners(pool) - earlier) < wanted:
            await anyio.sleep(LOOK_EVERY)
        return
    raise OperatorError(
        f"the scheduler runners did not register within {RUNNERS_WITHIN:g} s.",
        code="TRX-O108",
        hint="See their logs.",
    )


def _claimed_ports(host: str, port: int, board: int | None) -> tuple[int, int | None]:
    """Both ports, a free one for each 0; they are seen to be free before anything is started.

    Raises:
        OperatorError: ``TRX-O105``, ``TRX-O106``, one cannot be had.
    """
    with listening_socket(host, port) as first:
        number: int = first.getsockname()[1]
        if board is None:
            return number, None
        with listening_socket(host, board, setting="--dashboard-port") as second:
            return number, second.getsockname()[1]


def _see_free(host: str, first_port: int | None, runners: int) -> None:
    """See that each runner's metrics can have their port before anything is started.

    Raises:
        OperatorError: ``TRX-O105``, ``TRX-O106``, one cannot be had.
    """
    for port in range(first_port, first_port + runners) if first_port else ():
        listening_socket(host, port, setting="TRX_METRICS_PORT").close()
