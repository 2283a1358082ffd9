"""Ctrl-C and SIGTERM as an orderly end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio

from trx_server.signals import STOPS, on_signals

__all__ = ["StopRequest", "cancelled_by_signals"]

ORDERS_TO_STOP = (*STOPS, signal.SIGHUP)


@dataclass(slots=True)
class StopRequest:
    """Which signal asked for the end; ``None`` as long as none has."""

    signal: signal.Signals | None = None

    @property
    def exit_code(self) -> int:
        """What a shell calls an end by that signal: 128 + its number; 0 without one."""
        return 128 + self.signal if self.signal is not None else 0


@contextmanager
def cancelled_by_signals() -> Iterator[StopRequest]:
    """Cancel the block on SIGINT, SIGTERM or SIGHUP, once; it then ends without an error::

        with cancelled_by_signals() as request:
            async with EmbeddedServers() as servers:
                ...
        raise SystemExit(request.exit_code)

    Further signals do not disturb what the block does on its way out. In the main thread, under
    asyncio.
    """
    request = StopRequest()
    with anyio.CancelScope() as scope:

        def receive(number: signal.Signals) -> None:
            request.signal = request.signal or number
            scope.cancel()

        with on_signals(receive, ORDERS_TO_STOP):
            yield request
