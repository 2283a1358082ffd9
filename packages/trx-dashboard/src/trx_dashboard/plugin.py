"""What this package registers with ``trx``."""

from __future__ import annotations

from trx_core import hookimpl
from trx_core.specs import CommandSpec

__all__ = ["trx_register_commands"]


@hookimpl
def trx_register_commands() -> list[CommandSpec]:
    """The command that serves the dashboard."""
    return [
        CommandSpec(
            name="dashboard",
            target="trx_dashboard.command:dashboard",
            summary="Serve the dashboard of a running API.",
        )
    ]
