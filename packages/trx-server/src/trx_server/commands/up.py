"""``trx up``: the whole service on this machine, until it is stopped."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from shlex import quote
from typing import Annotated

import anyio
import typer
from rich.console import Console

from trx_core.errors import OperatorError
from trx_core.fleets import default_fleet, open_fleet
from trx_core.plugins import load_plugins
from trx_server.commands.session import on_terminal
from trx_server.embedded import cancelled_by_signals
from trx_server.service import RunningService, ServiceOptions, running_service
from trx_server.settings import load_settings

__all__ = ["up"]

DASHBOARD = "dashboard"


def up(
    data_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where the data is kept.",
            show_default="TRX_DATA_DIR, else /var/lib/trx for root and this user's data folder",
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on.", show_default="TRX_HOST, else 127.0.0.1"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port of the API; 0 takes a free one.", show_default="TRX_PORT, else 8080"
        ),
    ] = None,
    runners: Annotated[int, typer.Option(min=1, max=64, help="Scheduler runners.")] = 2,
    pools: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Fleet of worker pools in YAML, which replaces the stored one.",
            show_default="the stored one, at first the built-in one",
        ),
    ] = None,
    dashboard: Annotated[
        bool | None,
        typer.Option(help="Whether to start the dashboard.", show_default="if it is installed"),
    ] = None,
    dashboard_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Its port; 0 takes a free one.")
    ] = 8501,
) -> None:
    """Start the service on this machine, and keep it running until Ctrl-C.

    PostgreSQL and Valkey are started too, unless TRX_DATABASE_URL and TRX_REDIS_URL name servers of
    your own. The data stays when it stops. The first start makes the user `admin` and prints its
    password, once.
    """
    registry = load_plugins()
    installed = DASHBOARD in registry.commands
    if dashboard and not installed:
        raise OperatorError(
            "the dashboard is not installed, or is blocked.",
            code="TRX-O109",
            hint="Install it, `pip install trx-dashboard`, or start without --dashboard.",
        )
    options = ServiceOptions(
        settings=load_settings(data_dir=data_dir, host=host, port=port),
        runners=runners,
        fleet=open_fleet(registry.fleet_readers, pools) if pools else default_fleet(),
        replace_fleet=pools is not None,
        dashboard_port=dashboard_port if dashboard or (dashboard is None and installed) else None,
    )
    console = Console(highlight=False)
    anyio.run(_keep_up, options, console)


async def _keep_up(options: ServiceOptions, console: Console) -> None:
    report, step = on_terminal(console)
    with cancelled_by_signals():
        async with running_service(options, report, step) as service:
            _say(service, console)
            await anyio.sleep_forever()
    console.print("stopped")


def _say(service: RunningService, console: Console) -> None:
    lines = ["", f"API        {service.url}/api/v1  (docs: {service.url}/api/v1/docs)"]
    if service.dashboard_url:
        lines.append(f"dashboard  {service.dashboard_url}")
    if service.servers:
        lines.append(f"data       {service.servers.data.root}  (logs: {service.logs})")
    if service.admin_password:
        lines.append(f"user       admin, password {service.admin_password}")
        lines.append("           It is not shown again. Another one is made by")
    else:
        lines.append(
            "user       admin, with the password of the first start. Another one is made by"
        )
    url = quote(service.urls.database)
    lines.append(f"           {_this_program()} db reset-password admin --database-url {url}")
    for line in (*lines, "", "Ctrl-C stops it."):
        console.print(line, soft_wrap=True, markup=False)


def _this_program() -> str:
    """How to call the ``trx`` of this installation from a shell in this folder."""
    ours = Path(sys.executable).with_name("trx")
    if not ours.exists():
        return f"{quote(sys.executable)} -m trx_core.cli"
    found = shutil.which("trx")
    if found is not None and os.path.samefile(found, ours):
        return "trx"
    here = Path.cwd()
    return quote(str(ours.relative_to(here) if ours.is_relative_to(here) else ours))
