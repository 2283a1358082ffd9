"""The help of every command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference.markdown import code, table
from trx_core.cli.root import imported, root_command
from trx_core.plugins import load_plugins

__all__ = ["commands"]


def commands() -> Iterator[str]:
    """Every command of ``trx``, with its sub-commands."""
    registry = load_plugins()
    yield "# Command line"
    yield ""
    yield "The same as `--help` says it; [Commands](../cli.md) is the overview."
    yield ""
    yield from _command(root_command(registry), "trx", nested=False)
    for name, spec in sorted(registry.commands.items()):
        if spec.provider.startswith("trx-"):
            yield from _command(imported(spec), f"trx {name}")


def _command(command: Any, path: str, *, nested: bool = True) -> Iterator[str]:
    context = command.make_context(path, [], resilient_parsing=True)
    yield f"## `{path}` {{ #{path.replace(' ', '-')} }}"
    yield ""
    yield "```text"
    yield " ".join([path, *command.collect_usage_pieces(context)])
    yield "```"
    yield ""
    for paragraph in (command.help or "").split("\n\n"):
        yield " ".join(paragraph.split())
        yield ""
    records = [one.get_help_record(context) for one in command.get_params(context)]
    shown = [record for record in records if record and not record[0].startswith("--help")]
    if shown:
        yield from table(["option", "meaning"], [[code(option), text] for option, text in shown])
    if nested:
        for name, inner in getattr(command, "commands", {}).items():
            yield from _command(inner, f"{path} {name}")
