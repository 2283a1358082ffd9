"""A running service for the tests of this package: the real one, started as an operator would."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import Final, NamedTuple

import pytest

from trx_dashboard.api import Api, Token

TRX: Final = (sys.executable, "-m", "trx_core.cli")
UP: Final = (*TRX, "up", "--port", "0", "--dashboard", "--dashboard-port", "0", "--runners", "1")
STARTED: Final = "Ctrl-C stops it."
STOPS_WITHIN: Final = 60.0


class Stack(NamedTuple):
    """A service.

    Attributes:
        url: of its API.
        dashboard: URL of its dashboard.
        password: of its user ``admin``.
    """

    url: str
    dashboard: str
    password: str


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The service, with a dashboard; its simulated tasks take a twentieth of their time."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TRX_")}
    with tempfile.TemporaryDirectory(prefix="trx-test-") as folder:
        process = subprocess.Popen(
            (*UP, "--data-dir", folder),
            env={**ours, "TRX_TIME_SCALE": "20", "COLUMNS": "400"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            try:
                yield _told(process)
            finally:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=STOPS_WITHIN)


@pytest.fixture(scope="session")
def api(stack: Stack) -> Iterator[Api]:
    with closing(Api(stack.url)) as found:
        yield found


@pytest.fixture(scope="session")
def token(api: Api, stack: Stack) -> Token:
    found = api.log_in("admin", stack.password)
    assert isinstance(found, Token)
    return found


def _told(process: subprocess.Popen[str]) -> Stack:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if STARTED in line:
            break
    else:
        pytest.fail(f"`trx up` did not start:\n{said}")
    patterns = (r"^API\s+(\S+)/api/v1\s", r"^dashboard\s+(\S+)", r"password (\S+)$")
    found = [re.search(pattern, said, re.MULTILINE) for pattern in patterns]
    return Stack(*(match.group(1) for match in found if match))
