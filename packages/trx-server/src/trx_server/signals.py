"""What asks a process to stop, taken as calls on its event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final

from trx_core.interrupts import interrupts_taken_quietly

__all__ = ["STOPS", "on_signals"]

STOPS: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and the polite request of whoever supervises us."""


@contextmanager
def on_signals(
    receive: Callable[[signal.Signals], None], numbers: Sequence[signal.Signals] = STOPS
) -> Iterator[None]:
    """Have ``receive`` called for each of these signals as long as the block lasts.

    In the main thread, under asyncio.
    """
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, receive, number)
    try:
        with interrupts_taken_quietly() if signal.SIGINT in numbers else nullcontext():
            yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
