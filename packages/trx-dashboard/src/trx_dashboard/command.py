"""``trx dashboard``: the pages as a process."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from trx_core.errors import CallerError, OperatorError

__all__ = ["dashboard"]

SCRIPT: Final = Path(__file__).with_name("app.py")

OPTIONS: Final = {
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "viewer",
    "global.developmentMode": "false",
    "logger.hideWelcomeMessage": "true",
    "runner.magicEnabled": "false",
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.fileWatcherType": "none",
    "server.headless": "true",
    "server.maxUploadSize": "10",
    "server.runOnSave": "false",
    "server.showEmailPrompt": "false",
    "theme.headingFontSizes": '["2rem", "1.6rem", "1.3rem"]',
    "theme.metricValueFontSize": "1.8rem",
    "theme.paddingTop": "1.5rem",
    "theme.light.primaryColor": "#0d9488",
    "theme.dark.primaryColor": "#0d9488",
}
"""Of Streamlit, whatever its own files say: it tells nobody of us, and asks nothing."""


def dashboard(
    api_url: Annotated[
        str, typer.Option(metavar="URL", help="Of the API.")
    ] = "http://127.0.0.1:8080",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")
    ] = 8501,
) -> None:
    """Serve the dashboard: pages to submit tasks and to watch them, on top of the API.

    The API need not answer yet. Whoever opens the pages logs in with a user of the API. Ctrl-C or
    SIGTERM stops it.
    """
    url = _checked(api_url)
    port = _free(host, port)
    shown = f"[{host}]" if ":" in host else host
    print(f"dashboard  http://{shown}:{port}  (of {url})", flush=True)
    options = {**OPTIONS, "server.address": host, "server.port": str(port)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(SCRIPT), *flags, "--", url]
    os.execv(sys.executable, command)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise CallerError(
            f"{url!r} is not the URL of a server.",
            code="TRX-C501",
            hint="It reads http://HOST:PORT, for instance http://127.0.0.1:8080.",
        )
    return url.rstrip("/")


def _free(host: str, port: int) -> int:
    """The port, or a free one for 0, seen to be free.

    Raises:
        OperatorError: ``TRX-O401``, the port is taken; ``TRX-O402``, it cannot be bound.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.create_server(address[:2], family=family) as listener:
            number: int = listener.getsockname()[1]
            return number
    except OSError as error:
        raise _not_bound(host, port, error) from error


def _not_bound(host: str, port: int, error: OSError) -> OperatorError:
    if error.errno == errno.EADDRINUSE:
        return OperatorError(
            f"port {port} of {host} is taken by another process.",
            code="TRX-O401",
            hint="Stop that process, or name another port with --port.",
        )
    return OperatorError(
        f"the dashboard cannot listen on port {port} of {host!r}: {error.strerror or error}.",
        code="TRX-O402",
        hint="Correct --host and --port.",
    )
