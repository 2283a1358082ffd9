"""``trx api``: the HTTP API as a process."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Final

import anyio
import typer
import uvicorn

from trx_server.api import open_services, serving
from trx_server.listening import listening_socket
from trx_server.logging import set_up_logging
from trx_server.settings import Settings, load_settings
from trx_server.signals import on_signals

__all__ = ["api"]

DRAIN_SECONDS: Final = 10


def api(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; by default TRX_HOST, else 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="TCP port, 0 for a free one; by default TRX_PORT, else 8080.")
    ] = None,
) -> None:
    """Run the HTTP API on the servers named by TRX_DATABASE_URL and TRX_REDIS_URL.

    It accepts tasks and answers questions about them; runners (`trx runner`) carry them out.

    TRX_JWT_SECRET is needed. Ctrl-C or SIGTERM stops it; what was accepted is stored first.
    """
    settings = load_settings(host=host, port=port)
    set_up_logging(settings.log_level, as_json=settings.log_json)
    with (
        listening_socket(settings.host, settings.port) as listener,
        asyncio.Runner(loop_factory=_new_loop) as runner,
    ):
        runner.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal stops it: a start is broken off, what is served is served to its end."""
    server: _Server | None = None
    with anyio.CancelScope() as start:

        def stop(number: signal.Signals) -> None:
            if server is None:
                start.cancel()
            else:
                server.handle_exit(number, None)

        with on_signals(stop):
            async with open_services(settings) as services:
                config = uvicorn.Config(
                    serving(services),
                    lifespan="off",
                    log_config=None,
                    timeout_graceful_shutdown=DRAIN_SECONDS,
                    server_header=False,
                )
                server = _Server(config)
                await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Leaves the signals to us, who have them from before it starts until all is drained."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _new_loop() -> asyncio.AbstractEventLoop:
    with suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()
