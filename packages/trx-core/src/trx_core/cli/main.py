"""The entry point ``trx``: runs a command, and turns whatever ends it into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, NoReturn

import typer

from trx_core.cli.faults import drain, report, warn
from trx_core.cli.leaving import end_in_time
from trx_core.cli.root import RootGroup, root_command
from trx_core.plugins import Registry, load_plugins
from trx_core.stdout import blame_stdout, leave_stdout

__all__ = ["CliState", "main", "tell_traces", "wants_tracebacks"]

TRACEBACK: Final = "--traceback"
OFF: Final = frozenset({"", "0", "false", "no", "off"})
OURS: Final = "trx-core"


class CliState(NamedTuple):
    """What the root command tells its sub-commands, as the context's object.

    Attributes:
        traceback: whether to show where errors came from.
    """

    traceback: bool


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run ``trx`` with ``argv`` (by default the process's own arguments) and exit."""
    args, state = _split(sys.argv[1:] if argv is None else argv, os.environ)
    group: RootGroup | None = None
    code = 0
    if argv is None:
        blame_stdout()
    try:
        registry = load_plugins()
        _warn_of_plugins(registry, args)
        group = root_command(registry)
        group.main(args=args, prog_name="trx", obj=state)
    except BaseException as error:
        code = report(error, show_traceback=state.traceback, author=_author(group))
    try:
        drain()
    except Exception as error:
        code = report(error, show_traceback=state.traceback)
    if argv is None:
        leave_stdout()
        end_in_time(code)
    sys.exit(code)


def wants_tracebacks(context: typer.Context) -> bool:
    """Whether a command was asked to show where errors came from."""
    state = context.find_object(CliState)
    return state is not None and state.traceback


def tell_traces(context: typer.Context, traces: Iterable[str]) -> None:
    """Tell on stderr where plugins raised, each once, if the command was asked to."""
    if wants_tracebacks(context):
        for trace in dict.fromkeys(traces):
            typer.echo(trace, err=True)


def _split(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], CliState]:
    """Take ``--traceback`` out of the arguments, wherever it stands before a ``--``."""
    end = argv.index("--") if "--" in argv else len(argv)
    args = [word for word in argv[:end] if word != TRACEBACK] + list(argv[end:])
    wanted = TRACEBACK in argv[:end] or environ.get("TRX_TRACEBACK", "").lower() not in OFF
    return args, CliState(wanted)


def _warn_of_plugins(registry: Registry, args: Sequence[str]) -> None:
    command = next((word for word in args if not word.startswith("-")), None)
    if command == "plugins" or "_TRX_COMPLETE" in os.environ:
        return
    for warning in registry.warnings:
        warn(f"warning: {warning}")
    if registry.troubled:
        names = ", ".join(record.label for record in registry.troubled)
        warn(f"warning: there are problems with the plugin {names}: see `trx plugins list`.")


def _author(group: RootGroup | None) -> str:
    running = group.running if group else None
    if running is None or running.provider.split(" ")[0] == OURS:
        return ""
    return running.provider
