"""``trx replay``: recorded or generated traffic against a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import anyio
import typer

from trx_core.cli import named_disruptions, named_traffic
from trx_core.cli.options import Column, Format, TrafficParam
from trx_core.cli.output import console, write_json
from trx_core.errors import CallerError
from trx_core.plugins import load_plugins
from trx_core.stdout import keeps_stdout
from trx_server.client import Client
from trx_server.commands.remote import API_URL, ApiUrl, password_of
from trx_server.replay import ReplayResult, run_replay, show

__all__ = ["replay"]

DISRUPTIVE: Final = (
    "The scenario also acts on worker pools. A replay submits its tasks alone: "
    "start it with POST /api/v1/simulate, or on the dashboard, to have both."
)


@keeps_stdout
def replay(
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Recorded traffic to replay.")
    ] = None,
    format: Format = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Traffic to generate instead; see `trx plugins list --hook scenarios`.",
        ),
    ] = None,
    column: Column = None,
    param: TrafficParam = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of a scenario's random numbers.")] = 0,
    speed: Annotated[
        float,
        typer.Option(metavar="X", help="Compress time: seconds of the traffic per second, or inf."),
    ] = 1.0,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Submit the first N tasks only.")
    ] = None,
    url: ApiUrl = API_URL,
    user: Annotated[str, typer.Option(metavar="NAME", help="Who submits.")] = "admin",
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="How long to wait for tasks to end after the last was submitted; "
            "by default without end.",
        ),
    ] = None,
    idle_limit: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long to wait while no task ends."),
    ] = 60.0,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Write the result as JSON, with the first 1,000 rows that could not be used one "
            "by one; progress goes to stderr.",
        ),
    ] = False,
) -> None:
    """Submit traffic to a running server, wait for every task, and sum up.

    Name a --trace or a --scenario: its tasks are submitted at its own times,
    whether or not earlier ones have ended. The password is read from
    TRX_PASSWORD, or asked for. Rows that cannot be used are counted and named;
    the rest is submitted. The exit code is 0 only if every accepted task ended
    and no row was refused; rows of a trace that cannot be read do not count.
    """
    if not speed > 0:
        raise CallerError(f"a speed of {speed:g} is not above 0.", code="TRX-C401")
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
    client = Client(url, user, password_of(user))
    terminal = console(stderr=as_json)
    if named_disruptions(registry, scenario, param or []):
        terminal.print(DISRUPTIVE, style="yellow", soft_wrap=True)

    async def run() -> ReplayResult:
        async with client:
            return await run_replay(
                client,
                rows,
                speed=speed,
                limit=limit,
                console=terminal,
                time_limit=time_limit,
                idle_limit=idle_limit,
            )

    result = anyio.run(run)
    if as_json:
        write_json(result.to_dict())
    else:
        show(result, title if speed == 1 else f"{title}, {speed:g} times as fast", terminal)
    if not result.ok:
        raise typer.Exit(1)
