"""The entry point of ``trx``, which an interrupt ends quietly even while the rest is imported."""

from __future__ import annotations

import os
import signal
from typing import Final, NoReturn

__all__ = ["main"]

PYDANTIC_PLUGINS: Final = "PYDANTIC_DISABLE_PLUGINS"
"""Unless it is set, pydantic reads the entry points of everything that is installed when it is
imported, and one distribution whose file of them is damaged would take ``trx`` down."""


def main() -> NoReturn:
    """Import the command line and run it."""
    os.environ.setdefault(PYDANTIC_PLUGINS, "__all__")
    ours = signal.getsignal(signal.SIGINT)
    if ours is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from trx_core.cli import main as run

    signal.signal(signal.SIGINT, ours)
    run()
