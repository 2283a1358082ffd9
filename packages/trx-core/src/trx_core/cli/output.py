"""Where a command's report goes, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rich.console import Console

from trx_core.stdout import own_stdout

__all__ = ["console", "write_json", "write_line"]


def console(*, stderr: bool = False) -> Console:
    """A console on the command's own stdout, or on stderr."""
    return (
        Console(stderr=True, highlight=False)
        if stderr
        else Console(file=own_stdout(), highlight=False)
    )


def write_line(text: str = "") -> None:
    """Print a line to the command's own stdout."""
    print(text, file=own_stdout())


def write_json(value: object, default: Callable[[Any], Any] | None = None) -> None:
    """Print a value to the command's own stdout as JSON.

    Args:
        value: what is told.
        default: makes something else of what JSON does not know.
    """
    write_line(json.dumps(value, indent=2, default=default))
