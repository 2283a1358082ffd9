"""However the supervisor ends, nothing runs on, and the next start finds everything."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from trx_server.embedded import EmbeddedServers, EventKind

from .conftest import RunProgram
from .harness import (
    AT_ONCE,
    Events,
    processes_on,
    recall,
    remember,
    start_and_stop,
    wait_until_gone,
)

ENDS_IN_ORDER = ["valkey stopped", "postgres stopped"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_an_order_to_stop_ends_everything_in_order(
    data_dir: Path, run_program: RunProgram, number: signal.Signals
) -> None:
    program = run_program()
    program.until("up")
    for _ in range(3):
        program.process.send_signal(number)
    assert program.end() == (128 + number, "")
    assert program.said[-2:] == ENDS_IN_ORDER
    assert processes_on(data_dir) == []


async def test_an_order_to_stop_in_the_first_moments_leaves_no_half_made_cluster(
    data_dir: Path, run_program: RunProgram
) -> None:
    program = run_program()
    while not list(data_dir.glob("postgres*")):
        assert program.process.poll() is None
    program.process.send_signal(signal.SIGINT)
    assert program.end() == (128 + signal.SIGINT, "")
    assert processes_on(data_dir) == []
    assert list(data_dir.glob("postgres?*")) == []
    await start_and_stop(data_dir)


async def test_a_killed_supervisor_takes_everything_with_it(
    data_dir: Path, run_program: RunProgram
) -> None:
    async with EmbeddedServers(data_dir, durable=False) as servers:
        await remember(servers, "written before")
    program = run_program()
    program.until("up")
    assert len(processes_on(data_dir)) > 4
    program.process.kill()
    program.process.wait()
    async with EmbeddedServers(data_dir, durable=False) as servers:
        assert await recall(servers) == ("written before", "written before")
    wait_until_gone(data_dir)


def test_a_second_program_is_refused_in_one_sentence(run_program: RunProgram) -> None:
    first = run_program()
    first.until("up")
    code, said = run_program().end()
    assert code == 1
    assert said.startswith("TRX-O203: ")
    assert f"in use by process {first.process.pid}." in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["postgres", "valkey"])
async def test_a_server_whose_keeper_is_killed_is_started_anew(
    data_dir: Path, events: Events, name: str
) -> None:
    async with EmbeddedServers(data_dir, on_event=events, backoff=AT_ONCE) as servers:
        await remember(servers, "written before")
        old = psutil.Process(servers.pids()[name])
        os.kill(old.ppid(), signal.SIGKILL)
        await events.until(name, EventKind.READY, times=2)
        assert not old.is_running() or old.status() == psutil.STATUS_ZOMBIE
        assert await recall(servers) == ("written before", "written before")
    assert events.names(EventKind.STARTED).count(name) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="a service of the Linux kernel")
def test_a_server_does_not_outlive_its_keeper_though_nobody_looks(
    data_dir: Path, run_program: RunProgram
) -> None:
    program = run_program()
    program.until("up")
    supervisor = psutil.Process(program.process.pid)
    keepers = supervisor.children()
    assert len(keepers) == 2
    supervisor.suspend()
    for keeper in keepers:
        keeper.kill()
    wait_until_gone(data_dir, but=[supervisor.pid])
    assert supervisor.status() == psutil.STATUS_STOPPED


async def test_servers_that_nobody_keeps_are_ended_before_new_ones_start(
    data_dir: Path, run_program: RunProgram
) -> None:
    async with EmbeddedServers(data_dir, durable=False) as servers:
        await remember(servers, "written before")
    program = run_program()
    program.until("up")
    keepers = psutil.Process(program.process.pid).children()
    strays = [server for keeper in keepers for server in keeper.children()]
    assert sorted(stray.name() for stray in strays) == ["postgres", "valkey-server"]
    for keeper in keepers:
        keeper.suspend()
    program.process.kill()
    program.process.wait()
    try:
        async with EmbeddedServers(data_dir, durable=False) as servers:
            assert {stray.status() for stray in strays} == {psutil.STATUS_ZOMBIE}
            assert await recall(servers) == ("written before", "written before")
    finally:
        for keeper in keepers:
            keeper.resume()


async def test_notes_and_sockets_of_an_earlier_life_are_no_obstacle(
    data_dir: Path, bystander: psutil.Process
) -> None:
    sockets = data_dir / "run"
    note = f"{bystander.pid}\n{data_dir}/postgres\n1\n5432\n{sockets}\n\n1 1\nready\n"
    for path in (data_dir / "postgres" / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        path.write_text(note)
    for name in (".s.PGSQL.5432", "valkey.sock"):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(sockets / name))
    async with EmbeddedServers(data_dir, durable=False) as servers:
        await remember(servers, "written after")
        assert await recall(servers) == ("written after", "written after")
    assert bystander.is_running()


@pytest.fixture
async def bystander(data_dir: Path) -> AsyncIterator[psutil.Process]:
    """A process of the servers' user, which now has the id that a server once had."""
    await start_and_stop(data_dir)
    owner = (data_dir / "postgres").stat().st_uid if os.geteuid() == 0 else None
    process = subprocess.Popen(["sleep", "600"], user=owner)
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()
