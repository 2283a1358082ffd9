"""What the commands that run the service share: how it reports, and how its errors come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

from trx_core.errors import TrxError
from trx_server.embedded import EventKind, ProcessEvent, Report

__all__ = ["on_terminal", "raise_one"]

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


@contextmanager
def raise_one() -> Iterator[None]:
    """Raise an error of ours out of the groups that task groups wrap it in."""
    try:
        yield
    except BaseExceptionGroup as group:
        ours, others = group.split(TrxError)
        if ours is None or others is not None:
            raise
        error: BaseException = ours
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
