"""The TCP socket that a server listens on."""

from __future__ import annotations

import errno
import socket
from typing import Final

from trx_core.errors import OperatorError

__all__ = ["listening_socket", "not_bound"]

BACKLOG: Final = 2048


def listening_socket(host: str, port: int, *, setting: str = "--port or TRX_PORT") -> socket.socket:
    """A TCP socket bound to ``host`` and ``port``, which ``setting`` names.

    Raises:
        OperatorError: ``TRX-O105``, the port is taken; ``TRX-O106``, it cannot be bound.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise not_bound(host, port, setting, error) from error


def not_bound(host: str, port: int, setting: str, error: OSError) -> OperatorError:
    """Why nothing can listen there: ``TRX-O105`` or ``TRX-O106``."""
    if error.errno == errno.EADDRINUSE:
        return OperatorError(
            f"port {port} of {host} is taken by another process.",
            code="TRX-O105",
            hint=f"Stop that process, or name another port with {setting}.",
        )
    return OperatorError(
        f"nothing can listen on port {port} of {host!r}: {error.strerror or error}.",
        code="TRX-O106",
        hint=f"Correct --host or TRX_HOST, and {setting}.",
    )
