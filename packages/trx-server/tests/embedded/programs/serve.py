"""Keeps both servers running on a data directory until a signal; says on stdout what happens."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from trx_core.errors import OperatorError
from trx_server.embedded import EmbeddedServers, ProcessEvent, cancelled_by_signals


def say(event: ProcessEvent) -> None:
    print(event.name, event.kind.value, flush=True)


async def serve(data_dir: Path) -> int:
    with cancelled_by_signals() as request:
        async with EmbeddedServers(data_dir, durable=False, on_event=say):
            print("up", flush=True)
            await anyio.sleep_forever()
    return request.exit_code


try:
    sys.exit(anyio.run(serve, Path(sys.argv[1])))
except OperatorError as error:
    sys.exit(str(error))
