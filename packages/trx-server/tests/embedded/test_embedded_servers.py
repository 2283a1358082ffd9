"""Both servers start, answer, and keep their data over restarts and deaths."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from trx_server.embedded import EmbeddedServers, EventKind

from .harness import AT_ONCE, Events, recall, remember

PATHS = {
    "spaces": "a path with spaces",
    "odd": 'commas, colons: "quotes" 100% ünï',
    "long": "long" * 30,
}


async def test_they_keep_their_data_over_a_restart(data_dir: Path) -> None:
    async with EmbeddedServers(data_dir) as servers:
        await remember(servers, "written before")
    async with EmbeddedServers(data_dir) as servers:
        assert await recall(servers) == ("written before", "written before")


@pytest.mark.parametrize("name", ["postgres", "valkey"])
async def test_a_killed_server_comes_back_with_its_data(
    data_dir: Path, events: Events, name: str
) -> None:
    async with EmbeddedServers(data_dir, on_event=events, backoff=AT_ONCE) as servers:
        await remember(servers, "written before")
        before = servers.pids()
        os.kill(before[name], signal.SIGKILL)
        await events.until(name, EventKind.READY, times=2)
        assert await recall(servers) == ("written before", "written before")
        changed = {server for server, pid in servers.pids().items() if pid != before[server]}
    assert changed == {name}
    assert events.names(EventKind.STARTED).count(name) == 2


async def test_the_last_started_is_the_first_stopped(data_dir: Path, events: Events) -> None:
    async with EmbeddedServers(data_dir, durable=False, on_event=events) as servers:
        assert set(servers.pids()) == {"postgres", "valkey"}
    assert events.names(EventKind.STARTED) == ["postgres", "valkey"]
    assert events.names(EventKind.STOPPED) == ["valkey", "postgres"]
    assert {event.exit_code for event in events if event.kind is EventKind.STOPPED} == {0}
    assert servers.pids() == {}


async def test_nobody_else_can_reach_them(data_dir: Path) -> None:
    async with EmbeddedServers(data_dir, durable=False) as servers:
        for pid in servers.pids().values():
            assert psutil.Process(pid).net_connections("inet") == []
        data = servers.data
        for private in (data.postgres, data.valkey, data.sockets, data.logs):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert stat.S_IMODE(data.root.stat().st_mode) & 0o066 == 0


@pytest.mark.parametrize("name", PATHS.values(), ids=PATHS)
async def test_any_path_will_do(folder: Path, name: str) -> None:
    async with EmbeddedServers(folder / name, durable=False) as servers:
        await remember(servers, "somewhere")
        assert await recall(servers) == ("somewhere", "somewhere")
        engine = create_async_engine(
            servers.database_url.replace("postgresql", "postgresql+asyncpg")
        )
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT text FROM note")) == "somewhere"
        await engine.dispose()
        sockets = servers.data.sockets
    assert sockets == folder / name / "run" or not sockets.exists()


async def test_an_error_in_the_block_stops_them_and_comes_out_as_it_is(data_dir: Path) -> None:
    with pytest.raises(SystemExit, match="7"):
        async with EmbeddedServers(data_dir, durable=False) as servers:
            raise SystemExit(7)
    assert servers.pids() == {}


async def test_settings_of_the_operators_shell_do_not_matter(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "LC_ALL": "xx_YY.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    async with EmbeddedServers(data_dir, durable=False) as servers:
        await remember(servers, "ours")
        assert await recall(servers) == ("ours", "ours")
