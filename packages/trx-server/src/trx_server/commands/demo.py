"""``trx demo``: the main job from end to end, on servers of its own that go when it ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final
from uuid import uuid4

import anyio
import typer
from rich.text import Text

from trx_core.cli import named_disruptions, named_traffic
from trx_core.cli.options import Column, Format, TrafficParam
from trx_core.cli.output import console
from trx_core.fleets import default_fleet, open_fleet
from trx_core.models import Disruption, check_disruptions
from trx_core.plugins import load_plugins
from trx_core.stdout import keeps_stdout
from trx_server.client import Client
from trx_server.commands.session import on_terminal
from trx_server.embedded import cancelled_by_signals, sweep_abandoned
from trx_server.replay import ReplayResult, run_replay, show
from trx_server.service import ServiceOptions, running_service
from trx_server.service.blames import stand_ins
from trx_server.settings import load_settings
from trx_server.store import add_disruptions, open_pool

__all__ = ["demo"]

SCENARIO: Final = "steady"
FOLDER: Final = "trx-demo-"


@keeps_stdout
def demo(
    trace: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Recorded traffic to replay instead of generated one."),
    ] = None,
    format: Format = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Traffic to generate; see `trx plugins list --hook scenarios`.",
            show_default=SCENARIO,
        ),
    ] = None,
    column: Column = None,
    param: TrafficParam = None,
    speed: Annotated[
        float,
        typer.Option(
            min=0.001,
            max=100_000,
            help="Compress time: seconds of the traffic, and of simulated service, per second.",
        ),
    ] = 1.0,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Submit the first N tasks only.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of traffic, service times and failures.")] = 0,
    algorithm: Annotated[str, typer.Option(help="Who decides.")] = "greedy",
    runners: Annotated[int, typer.Option(min=1, max=16, help="Scheduler runners.")] = 2,
    pools: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Fleet in YAML, or a list of machines.",
            show_default="the built-in one",
        ),
    ] = None,
) -> None:
    """Start the whole service, submit a workload through its API, and show what became of it.

    A real PostgreSQL and a real Valkey on a temporary folder, the API and scheduler runners as
    processes of their own. Everything is stopped at the end, and after Ctrl-C; what one that was
    killed has left in the temporary folder is removed by the next. The exit code is 0 only if every
    accepted task ended and no row was refused. Rows of a trace that cannot be read do not count:
    they are reported, and the rest is replayed.
    """
    if trace is None and scenario is None:
        scenario = SCENARIO
    registry = load_plugins()
    rows, title = named_traffic(
        registry,
        trace=trace,
        format=format,
        scenario=scenario,
        params=param or [],
        seed=seed,
        columns=column or [],
    )
    fleet = open_fleet(registry.fleet_readers, pools) if pools else default_fleet()
    disruptions = named_disruptions(registry, scenario, param or [])
    check_disruptions(disruptions, fleet)
    terminal = console()

    stood_in: list[str] = []

    async def run() -> tuple[ReplayResult | None, int]:
        result: ReplayResult | None = None
        with cancelled_by_signals() as request, TemporaryDirectory(prefix=FOLDER) as folder:
            settings = load_settings(
                data_dir=Path(folder), port=0, seed=seed, algorithm=algorithm, time_scale=speed
            )
            ours = dict.fromkeys(("database_url", "redis_url", "jwt_secret", "metrics_port"))
            options = ServiceOptions(
                settings=settings.model_copy(update=ours), runners=runners, fleet=fleet
            )
            async with running_service(options, *on_terminal(terminal)) as service:
                pids = ", ".join(f"{n} {p}" for n, p in service.supervisor.pids().items())
                terminal.print(f"the API is at {service.url}; process ids: {pids}", soft_wrap=True)
                assert service.admin_password is not None
                await _disrupt(service.urls.database, disruptions, speed)
                async with Client(service.url, "admin", service.admin_password) as client:
                    result = await run_replay(
                        client, rows, speed=speed, limit=limit, console=terminal
                    )
                assert service.logs is not None
                stood_in.extend(stand_ins(service.logs))
        return result, request.exit_code

    sweep_abandoned(FOLDER)
    result, code = anyio.run(run)
    if result is not None:
        show(result, title if speed == 1 else f"{title}, {speed:g} times as fast", terminal)
        for sentence in stood_in:
            terminal.print(Text(sentence, style="yellow"))
        code = code or (0 if result.ok else 1)
    raise typer.Exit(code)


async def _disrupt(database: str, disruptions: Sequence[Disruption], speed: float) -> None:
    """Have the pools changed at the times of the traffic, which starts now."""
    if disruptions:
        now = time.time()
        async with open_pool(database, 1) as pool:
            await add_disruptions(pool, uuid4(), [one.at(now, speed) for one in disruptions], now)
