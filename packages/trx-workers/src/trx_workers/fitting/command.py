"""``trx fit``: simulators of a service's pools, made of its history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from trx_core.cli.output import console, write_json
from trx_core.fleets import default_fleet, read_fleet
from trx_core.stdout import keeps_stdout
from trx_core.traffic import say_rows
from trx_workers.extras import require
from trx_workers.files import check_writable, replaced
from trx_workers.simulators.fitted import Law

__all__ = ["fit_command"]


@keeps_stdout
def fit_command(
    history: Annotated[
        Path, typer.Argument(metavar="HISTORY", help="Schedule log, as `trx logs` writes it.")
    ],
    pools: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Fleet of the service, in YAML.", show_default="the built-in one"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the fitted fleet is written, in YAML."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where a report with plots is written."),
    ] = None,
    law: Annotated[
        Law | None,
        typer.Option(help="The only law to try.", show_default="whichever fits best"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the result as JSON.")] = False,
) -> None:
    """Turn a service's history into simulators of its pools, and say how well they fit.

    For every pool and task type the service times of attempts that succeeded are fitted, and how
    often and how slowly the others failed. The fleet that it writes is one for `trx simulate
    --pools`: a twin of the service, in virtual time. The exit code is 1 if nothing could be fitted.
    """
    require("scipy", "`trx fit`", extra="fit")
    if html is not None:
        require("matplotlib", "a report with plots", extra="fit")
    check_writable(html, out, inputs=(history, pools))
    from trx_workers.fitting.fleetfile import fleet_yaml
    from trx_workers.fitting.history import read_history
    from trx_workers.fitting.model import fit_fleet
    from trx_workers.fitting.report import as_dict, as_html, as_table

    fleet = read_fleet(pools) if pools else default_fleet()
    read = read_history(history)
    found = fit_fleet(read, fleet, law)
    source = history.name
    if out is not None:
        replaced(out, fleet_yaml(found, read, source))
    if html is not None:
        replaced(html, as_html(found, read, source))
    if as_json:
        write_json(as_dict(found, read))
    else:
        terminal = console()
        terminal.print(as_table(found))
        for warning in found.warnings:
            terminal.print(Text(warning, style="yellow"))
        if read.faults.count:
            said = say_rows("could not be read", read.faults.count, read.faults.first)
            terminal.print(Text(said, style="yellow"))
    if not any(part.law for part in found.parts):
        raise typer.Exit(1)
