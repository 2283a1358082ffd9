"""Events, processes and data, as the tests of the embedded servers look at them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Container
from pathlib import Path

import anyio
import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from trx_server.embedded import Backoff, EmbeddedServers, EventKind, ProcessEvent

PATIENCE = 60.0
PROGRAM = Path(__file__).parent / "programs" / "serve.py"

AT_ONCE = Backoff(first=0.01, most=0.01)
"""Restarts without a wait worth mentioning."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
needs_no_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


class Events(list[ProcessEvent]):
    """What a supervisor has told, in order; call it to add to it."""

    def __call__(self, event: ProcessEvent) -> None:
        self.append(event)

    def names(self, kind: EventKind) -> list[str]:
        """Whom it happened to, in order."""
        return [event.name for event in self if event.kind is kind]

    async def until(self, name: str, kind: EventKind, times: int = 1) -> None:
        """Wait until it has happened to ``name`` so many times."""
        with anyio.fail_after(PATIENCE):
            while self.names(kind).count(name) < times:
                await anyio.sleep(0.01)


class Program:
    """``programs/serve.py`` on a data directory, as a process of its own."""

    def __init__(self, data_dir: Path, *wrapper: str) -> None:
        self.process = subprocess.Popen(
            [*wrapper, sys.executable, str(PROGRAM), str(data_dir)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []

    def until(self, what: str) -> None:
        """Read what it says until it says ``what``."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if self.said[-1] == what:
                return
        pytest.fail(f"it ended without {what!r}: {self.said}")

    def end(self) -> tuple[int, str]:
        """Its exit code and what it said on stderr, once it has ended."""
        output, errors = self.process.communicate(timeout=PATIENCE)
        self.said += output.splitlines()
        return self.process.returncode, errors

    def close(self) -> None:
        """Kill it if it still runs."""
        self.process.kill()
        self.process.communicate()


def processes_on(folder: Path) -> list[psutil.Process]:
    """The living processes that work in ``folder``, or have been given a path in it."""
    return [process for process in psutil.process_iter() if _is_on(process, str(folder))]


def wait_until_gone(folder: Path, *, but: Container[int] = ()) -> None:
    """Return when no process is left on ``folder``, ``but`` these; fail if another one stays."""
    deadline = time.monotonic() + PATIENCE
    while left := [process for process in processes_on(folder) if process.pid not in but]:
        if time.monotonic() > deadline:
            pytest.fail(f"still running: {left}")
        time.sleep(0.02)


async def remember(servers: EmbeddedServers, text: str) -> None:
    """Write ``text`` to both servers."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE TABLE note (text text)")
    await connection.execute("INSERT INTO note VALUES ($1)", text)
    await connection.close()
    async with Redis.from_url(servers.redis_url) as client:
        await client.set("note", text)


async def recall(servers: EmbeddedServers) -> tuple[str, str]:
    """What PostgreSQL and Valkey were told to remember."""
    connection = await asyncpg.connect(servers.database_url)
    written = str(await connection.fetchval("SELECT text FROM note"))
    await connection.close()
    async with Redis.from_url(servers.redis_url) as client:
        kept = await client.get("note")
    assert isinstance(kept, bytes)
    return written, kept.decode()


async def start_and_stop(data_dir: Path) -> None:
    """Make a whole data directory."""
    async with EmbeddedServers(data_dir, durable=False):
        pass


def _is_on(process: psutil.Process, folder: str) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        named = any(folder in argument for argument in process.cmdline())
        return process.status() != psutil.STATUS_ZOMBIE and (
            named or process.cwd().startswith(folder)
        )
    except psutil.Error:
        return False
