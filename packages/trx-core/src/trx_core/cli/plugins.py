"""``trx plugins``: which plugins there are, what they offer, whether they keep their contract."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from trx_core.cli.check import check
from trx_core.cli.describe import describe_offer, describe_parameters, describe_plugin
from trx_core.cli.main import wants_tracebacks
from trx_core.cli.new import new
from trx_core.cli.output import write_json, write_line
from trx_core.cli.render import fields_of, offer_table, plugin_table, write
from trx_core.plugins import HOOKS, Hook, load_plugins
from trx_core.plugins.registry import unknown
from trx_core.stdout import keeps_stdout

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="List, show, check and begin plugins.")

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command("list")
@keeps_stdout
def list_plugins(
    hook: Annotated[
        str | None,
        typer.Option(help="List what came through one hook: " + ", ".join(h.plural for h in HOOKS)),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the plugins, or what they offer through one hook. Imports none of what is offered."""
    registry = load_plugins()
    if hook is not None:
        wanted = _hook(hook)
        offers = [describe_offer(one) for one in registry.offers if one.hook is wanted]
        offers.sort(key=lambda one: str(one["name"]))
        if as_json:
            write_json(offers)
        else:
            write(offer_table(offers))
        return
    plugins = [describe_plugin(record, registry) for record in registry.plugins]
    if as_json:
        write_json(plugins)
        return
    write(plugin_table(plugins))
    for problem in [text for one in plugins for text in one["problems"]]:
        write_line(problem)
    for warning in registry.warnings:
        write_line(str(warning))


@app.command("show")
@keeps_stdout
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A plugin, or anything that a plugin offers.")],
    as_json: AsJson = False,
) -> None:
    """Show all there is to know of a plugin, or of an algorithm, a queue, a command, ….

    With --traceback, a plugin that failed shows where.
    """
    registry = load_plugins()
    shown: list[dict[str, Any]] = []
    for record in registry.plugins:
        if record.name == name:
            about = {"kind": "plugin", **describe_plugin(record, registry)}
            if wants_tracebacks(context):
                about["traceback"] = record.traceback()
            shown.append(about)
    shown += [describe_offer(one) | describe_parameters(one) for one in registry.find(name)]
    if not shown:
        there = [one.name for one in registry.plugins] + [one.spec.name for one in registry.offers]
        raise unknown("plugin, nor anything that one offers, called", name, there, registry)
    if as_json:
        write_json(shown)
        return
    for number, about in enumerate(shown):
        write(*[Text()] * bool(number), fields_of(about))


app.command("check")(check)
app.command("new")(new)


def _hook(name: str) -> Hook:
    for hook in HOOKS:
        if name in (hook.name, hook.plural):
            return hook
    raise unknown("hook", name, [hook.plural for hook in HOOKS])
