"""``trx scenarios``: which traffic patterns there are, and what they take."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from trx_core.cli.describe import describe_parameters
from trx_core.cli.output import write_json
from trx_core.cli.render import fields_of, write
from trx_core.plugins import Offer, Registry, load_plugins
from trx_core.specs import ScenarioSpec
from trx_core.stdout import keeps_stdout

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="List and show the traffic patterns.")

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command("list")
@keeps_stdout
def list_scenarios(as_json: AsJson = False) -> None:
    """List the traffic patterns. Imports none of them."""
    found = [_about(offer) for offer in _offers(load_plugins())]
    if as_json:
        write_json(found)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "summary", "package"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(*map(Text, one.values()))
    write(table)


@app.command("show")
@keeps_stdout
def show(
    name: Annotated[str, typer.Argument(help="A traffic pattern.")], as_json: AsJson = False
) -> None:
    """Show a traffic pattern and its parameters, with defaults, units and ranges.

    They are given to `trx simulate`, `trx replay` and `trx demo` as --set name=value.
    """
    registry = load_plugins()
    registry.scenario(name)
    (offer,) = (one for one in _offers(registry) if one.spec.name == name)
    told = describe_parameters(offer)
    if as_json:
        write_json(_about(offer) | told)
        return
    note = told.get("note")
    write(fields_of(_about(offer)), Text(), Text(note) if note else _table(told["parameters"]))


def _offers(registry: Registry) -> list[Offer]:
    offers = [one for one in registry.offers if isinstance(one.spec, ScenarioSpec)]
    return sorted(offers, key=lambda one: one.spec.name)


def _about(offer: Offer) -> dict[str, str]:
    spec, plugin = offer.spec, offer.plugin
    return {"name": spec.name, "summary": spec.summary, "package": plugin.distribution or ""}


def _table(parameters: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    columns = ("name", "type", "default", "unit", "range", "description")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for one in parameters:
        cells = [str(one.get(column) or "") for column in columns]
        table.add_row(*map(Text, cells))
    return table
