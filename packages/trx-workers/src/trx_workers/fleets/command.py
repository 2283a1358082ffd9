"""``trx pools``: a fleet, whatever it was read from, as a fleet file of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from trx_core.cli import parse_params
from trx_core.cli.output import write_json, write_line
from trx_core.fleets import default_fleet, open_fleet
from trx_core.models import Fleet
from trx_core.plugins import load_plugins
from trx_core.stdout import keeps_stdout

__all__ = ["pools_command"]


@keeps_stdout
def pools_command(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Of any known format.", show_default="our own fleet"),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="Format of the file; see `trx plugins list --hook fleet_readers`.",
            show_default="told from its name and how it begins",
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", help="An option of the format, as name=value."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Write a fleet as a file for --pools: the default one, or what a list of machines makes.

    The file may be changed before it is used, and is the same each time.
    """
    registry = load_plugins()
    options = parse_params(param or [])
    fleet = (
        open_fleet(registry.fleet_readers, file, format=format, options=options)
        if file
        else default_fleet()
    )
    told = _told(fleet)
    if as_json:
        write_json(told)
    else:
        write_line(yaml.safe_dump(told, sort_keys=False).rstrip())


def _told(fleet: Fleet) -> dict[str, Any]:
    """As the file has it: ids follow from names, and loads are of the moment."""
    told = fleet.model_dump(mode="json")
    for pool in told["pools"]:
        del pool["id"], pool["current_load"]
    return told
