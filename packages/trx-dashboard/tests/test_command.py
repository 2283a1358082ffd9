"""``trx dashboard`` as a process: how it starts, refuses to start, and stops."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from .conftest import TRX

STARTS_WITHIN = 60.0
STOPS_WITHIN = 10.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def command(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*TRX, "dashboard", *options), capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def serving(url: str, port: int) -> Iterator[subprocess.Popen[str]]:
    """A dashboard that answers."""
    command = (*TRX, "dashboard", "--api-url", url, "--port", str(port))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield process
        finally:
            process.kill()


def _wait(url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).text == "ok":
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"{url} does not answer")


def test_a_busy_port_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        run = command("--port", str(port))
    assert run.returncode == 1
    assert run.stderr.strip() == (
        f"TRX-O401: port {port} of 127.0.0.1 is taken by another process. "
        "Stop that process, or name another port with --port."
    )
    assert not run.stdout


@pytest.mark.parametrize(
    ("options", "code", "status"),
    [
        (("--host", "203.0.113.1"), "TRX-O402", 1),
        (("--host", "no-such-host.invalid"), "TRX-O402", 1),
        (("--api-url", "localhost:8080"), "TRX-C501", 2),
        (("--api-url", "http://localhost:port"), "TRX-C501", 2),
    ],
)
def test_what_cannot_be_served_is_told(options: tuple[str, ...], code: str, status: int) -> None:
    run = command("--port", "0", *options)
    assert run.returncode == status
    assert run.stderr.startswith(f"{code}: ")
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_leaves_nothing_behind(stop: signal.Signals) -> None:
    port = free_port()
    with serving("http://127.0.0.1:9", port) as process:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
        process.send_signal(stop)
        output, _ = process.communicate(timeout=STOPS_WITHIN)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}" in output
    assert "Traceback" not in output
    assert not [one for one in family if one.is_running()]
    with socket.create_server(("127.0.0.1", port)):
        pass
