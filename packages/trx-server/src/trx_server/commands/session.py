"""How the commands that run the service report what happens to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.console import Console

from trx_server.embedded import EventKind, ProcessEvent, Report

__all__ = ["on_terminal"]

STYLE: Final = {
    EventKind.EXITED: "yellow",
    EventKind.RESTARTING: "yellow",
    EventKind.GAVE_UP: "red",
}
"""What is worth a line; the rest goes well."""


def on_terminal(console: Console) -> tuple[Report, Callable[[str], None]]:
    """Reports of processes and steps, as lines on ``console``."""

    def report(event: ProcessEvent) -> None:
        if event.kind in STYLE:
            console.print(str(event), style=STYLE[event.kind])

    def step(text: str) -> None:
        console.print(f"{text} …", style="dim")

    return report, step
