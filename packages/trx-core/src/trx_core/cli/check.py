"""``trx plugins check``: whether what a plugin offers keeps its contract."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from trx_core.cli.main import CliState
from trx_core.cli.output import write_json, write_line
from trx_core.cli.params import parse_params
from trx_core.cli.render import result_table, write
from trx_core.errors import CallerError
from trx_core.plugins import Offer, PluginState, Registry, load_plugins
from trx_core.plugins.registry import unknown
from trx_core.stdout import keeps_stdout
from trx_core.testing import CheckResult, can_be_checked, check_spec

__all__ = ["check"]

KINDS: Final = "algorithm, queue, worker simulator or metric collector"


@keeps_stdout
def check(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="An algorithm, a queue, a worker simulator or a collector.")
    ],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", help="A parameter of it, as name=value."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where a queue's server is; the same as --param url=URL.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Check that what a plugin offers keeps its contract. The exit code is 1 if it does not.

    A queue is tried out on the server that it names, under names of its own.
    """
    params = parse_params(param or []) | ({} if url is None else {"url": url})
    found = [(one, check_spec(one.spec, params)) for one in _offers(load_plugins(), name)]
    if as_json:
        write_json([_described(one, results) for one, results in found])
    else:
        for number, (one, results) in enumerate(found):
            title = Text(f"{one.hook.kind} {one.spec.label}", style="bold")
            write(*[Text()] * bool(number), title, result_table(results))
    broken = [result for _, results in found for result in results if result.failed]
    for result in broken:
        if not as_json:
            write_line(f"{result.check.id}: {result.message}")
        state = context.find_object(CliState)
        if state is not None and state.traceback:
            traceback.print_exception(result.error)
    if broken:
        raise typer.Exit(1)


def _offers(registry: Registry, name: str) -> list[Offer]:
    """What of that name can be checked.

    Raises:
        CallerError: ``TRX-C120``, there is nothing of that name; ``TRX-C123``, no checks for it, or
            it is a plugin that is not in use.
    """
    named = registry.find(name)
    checked = [one for one in named if can_be_checked(one.spec)]
    if checked:
        return checked
    if named:
        raise CallerError(
            f"{name!r} is a {named[0].hook.kind}, and there are checks for algorithms, queues, "
            "worker simulators and metric collectors only.",
            code="TRX-C123",
            hint="See `trx plugins list --hook algorithms`.",
        )
    record = registry.plugin(name)
    if record is not None and record.state is not PluginState.LOADED:
        raise CallerError(
            f"the plugin {record.label} is {record.state}, so there is nothing of it to check.",
            code="TRX-C123",
            hint=f"See `trx plugins show {name} --traceback` for why.",
        )
    there = [one.spec.name for one in registry.offers if can_be_checked(one.spec)]
    raise unknown(KINDS, name, there, registry)


def _described(offer: Offer, results: Sequence[CheckResult]) -> dict[str, Any]:
    return {
        "kind": offer.hook.kind,
        "name": offer.spec.name,
        "provider": offer.spec.provider,
        "passed": not any(result.failed for result in results),
        "checks": [
            {
                "id": result.check.id,
                "title": result.check.title,
                "result": str(result.verdict),
                "message": result.message,
            }
            for result in results
        ],
    }
