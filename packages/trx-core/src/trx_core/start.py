"""The entry point of ``trx``, which an interrupt ends quietly even while the rest is imported."""

from __future__ import annotations

import signal
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Import the command line and run it."""
    ours = signal.getsignal(signal.SIGINT)
    if ours is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from trx_core.cli import main as run

    signal.signal(signal.SIGINT, ours)
    run()
