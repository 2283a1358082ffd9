"""The root command: knows its sub-commands by their specs, and imports only the one that runs."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from trx_core.cli.faults import EXIT_INTERRUPTED, Carried, PipeClosed, stdout_is_closed
from trx_core.errors import PluginError
from trx_core.plugins import Registry, blaming_damage
from trx_core.specs import CommandSpec

__all__ = ["RootGroup", "root_command"]


class RootGroup(TyperGroup):
    """A group whose commands are stubs, made from specs, until one of them is run."""

    specs: dict[str, CommandSpec]
    running: CommandSpec | None = None

    def offer(self, registry: Registry) -> None:
        """Take the registry's commands as sub-commands."""
        self.specs = dict(sorted(registry.commands.items()))
        for name, spec in self.specs.items():
            self.add_command(TyperCommand(name, short_help=escape(spec.summary)), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` name, imported, and what is left of ``args``."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in self.specs:
            self.running = self.specs[name]
            command = imported(self.running)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the sub-command; what ends it early leaves here as what it is."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except (OSError, EOFError) as error:
            if stdout_is_closed(error):
                raise PipeClosed from None
            raise Carried from error


def root_command(registry: Registry) -> RootGroup:
    """``trx``, with the sub-commands of ``registry``."""
    app = typer.Typer(
        name="trx", cls=RootGroup, callback=_root, no_args_is_help=True, rich_markup_mode="rich"
    )
    group = get_command(app)
    assert isinstance(group, RootGroup)
    group.offer(registry)
    return group


def imported(spec: CommandSpec) -> Any:
    """The command that a spec points at.

    Raises:
        PluginError: ``TRX-P110``, it cannot be imported; ``TRX-P128``, it is no command.
        OperatorError: ``TRX-O111``, something that it imports trips on a damaged distribution.
    """
    with blaming_damage(f"command {spec.label}"):
        target = spec.load()
    try:
        command = _converted(target, spec)
    except Exception as error:
        raise PluginError(
            f"command {spec.label} is no command: {error}.",
            code="TRX-P128",
            hint=f"Make {spec.target!r} a function that typer understands, or a typer.Typer.",
        ) from error
    command.name = spec.name
    command.help = command.help or spec.summary
    return command


def _converted(target: Any, spec: CommandSpec) -> Any:
    if isinstance(target, typer.Typer):
        return get_group(target)
    if not callable(target) or inspect.iscoroutinefunction(target):
        raise TypeError(f"it is {target!r}")
    app = typer.Typer(add_completion=False)
    app.command(spec.name)(target)
    return get_command(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trx {version('trx-core')}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
    _traceback: Annotated[
        bool,
        typer.Option("--traceback", help="Show where an error came from, as TRX_TRACEBACK=1 does."),
    ] = False,
) -> None:
    """TaskRouterX: routes tasks to worker pools by cost, priority and latency."""
