"""The supervisor, on processes of all characters."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import anyio
import psutil
import pytest

from trx_core.errors import OperatorError
from trx_server.embedded import Backoff, EventKind, ProcessSpec, Restart, Supervisor, tether

from .harness import AT_ONCE, PATIENCE, Events, processes_on, wait_until_gone


def shell(script: str, name: str = "job", **more: object) -> ProcessSpec:
    """A process that runs ``script``."""
    return ProcessSpec(name=name, argv=["/bin/sh", "-c", script], **more)  # type: ignore[arg-type]


async def never() -> None:
    raise ConnectionError("nobody there")


async def test_what_keeps_dying_is_given_up_with_its_last_words(
    folder: Path, events: Events
) -> None:
    backoff = Backoff(first=0.001, patience=2)
    spec = shell("echo the disk is on fire; exit 3", log=folder / "job.log", advice="Get water.")
    with pytest.raises(OperatorError) as caught:
        async with Supervisor(on_event=events, backoff=backoff) as supervisor:
            await supervisor.start(shell("exec sleep 600", name="other"))
            await supervisor.start(spec)
            await anyio.sleep_forever()
    assert caught.value.code == "TRX-O208"
    said = str(caught.value)
    assert "job ended 3 times in a row" in said
    assert "last with exit code 3" in said
    assert said.endswith(f"Get water. The last lines of {folder}/job.log:\n  the disk is on fire")
    assert events.names(EventKind.STARTED) == ["other", "job", "job", "job"]
    assert events.names(EventKind.GAVE_UP) == ["job"]
    assert events.names(EventKind.STOPPED) == ["other"]


async def test_what_serves_for_a_while_is_never_given_up(folder: Path, events: Events) -> None:
    backoff = Backoff(first=0.001, quick=0.0, patience=1)
    async with Supervisor(on_event=events, backoff=backoff) as supervisor:
        await supervisor.start(shell("exit 3"))
        await events.until("job", EventKind.STARTED, times=5)
    assert events.names(EventKind.GAVE_UP) == []


async def test_what_dies_before_it_is_ready_is_not_tried_again(
    folder: Path, events: Events
) -> None:
    spec = shell("echo no licence; exit 4", log=folder / "job.log", ready=never)
    async with Supervisor(on_event=events, backoff=AT_ONCE) as supervisor:
        with pytest.raises(OperatorError, match="exit code 4 before it was ready") as caught:
            await supervisor.start(spec)
        assert caught.value.code == "TRX-O207"
        assert str(caught.value).endswith("no licence")
        assert supervisor.pids() == {}
    assert events.names(EventKind.STARTED) == ["job"]


async def test_what_is_not_ready_in_time_is_ended(events: Events) -> None:
    async with Supervisor(on_event=events) as supervisor:
        with pytest.raises(OperatorError, match=r"within 0\.1 s: nobody there") as caught:
            await supervisor.start(shell("exec sleep 600", ready=never, ready_within=0.1))
        assert caught.value.code == "TRX-O207"
        (started, *_) = events
        assert started.pid is not None
        assert not psutil.pid_exists(started.pid)


async def test_a_command_that_is_not_there_is_named() -> None:
    async with Supervisor() as supervisor:
        with pytest.raises(OperatorError, match=r"run job \(/no/such\): .*No such file") as caught:
            await supervisor.start(ProcessSpec(name="job", argv=["/no/such"]))
        assert caught.value.code == "TRX-O207"
        assert supervisor.pids() == {}


async def test_a_preparation_that_fails_is_a_failed_start() -> None:
    async def prepare() -> None:
        raise PermissionError("not yours")

    async with Supervisor() as supervisor:
        with pytest.raises(OperatorError, match=r"cannot be started: not yours") as caught:
            await supervisor.start(shell("exec sleep 600", prepare=prepare))
        assert caught.value.code == "TRX-O207"


async def test_a_name_is_taken_until_its_process_is_stopped() -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(shell("exec sleep 600"))
        with pytest.raises(OperatorError, match="'job' is already supervised") as caught:
            await supervisor.start(shell("exec sleep 600"))
        assert caught.value.code == "TRX-O206"
        await supervisor.stop("job")
        await supervisor.start(shell("exec sleep 600"))
        assert list(supervisor.pids()) == ["job"]


async def test_a_single_run_tells_its_exit_code_and_is_not_repeated(events: Events) -> None:
    async with Supervisor(on_event=events) as supervisor:
        job = await supervisor.start(shell("exit 5", restart=Restart.NEVER))
        assert await job.wait() == 5
    assert events.names(EventKind.STARTED) == ["job"]


async def test_what_does_not_listen_to_signals_is_killed(folder: Path, events: Events) -> None:
    deaf = shell(
        f"trap '' TERM INT; touch {folder}/deaf; while :; do sleep 0.1; done",
        ready=lambda: anyio.Path(folder, "deaf").stat(),
        stop=((signal.SIGTERM, 0.1), (signal.SIGINT, 0.1)),
    )
    async with Supervisor(on_event=events) as supervisor:
        await supervisor.start(deaf)
    assert events[-1].kind is EventKind.STOPPED
    assert events[-1].exit_code == -signal.SIGKILL
    assert events[-1].detail == "signal SIGKILL"


async def test_what_a_process_leaves_behind_ends_with_it(folder: Path) -> None:
    parent = shell(f"sleep 600 & echo $! > {folder}/pid", restart=Restart.NEVER)
    async with Supervisor() as supervisor:
        assert await (await supervisor.start(parent)).wait() == 0
        orphan = int((folder / "pid").read_text())
        with anyio.fail_after(60):
            while psutil.pid_exists(orphan) and not _is_zombie(orphan):
                await anyio.sleep(0.01)


def test_what_a_process_leaves_behind_ends_though_the_supervisor_is_gone(folder: Path) -> None:
    ours, theirs = socket.socketpair()
    script = "sleep 600 & exec sleep 600"
    argv = [
        tether.__file__,
        str(theirs.fileno()),
        str(os.getpid()),
        "-",
        "15:9",
        "sh",
        "-c",
        script,
    ]
    with ours, theirs:
        keeper = subprocess.Popen(
            [sys.executable, *argv],
            cwd=folder,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        while len(processes_on(folder)) < 3:
            assert keeper.poll() is None
    assert keeper.wait(PATIENCE) == -signal.SIGKILL
    wait_until_gone(folder)


@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(3)])
async def test_an_error_of_the_block_comes_out_as_it_is(
    error: BaseException, events: Events
) -> None:
    with pytest.raises(type(error)) as caught:
        async with Supervisor(on_event=events) as supervisor:
            await supervisor.start(shell("exec sleep 600"))
            raise error
    assert caught.value is error
    assert events.names(EventKind.STOPPED) == ["job"]


async def test_a_stop_while_waiting_for_a_restart_ends_the_waiting(events: Events) -> None:
    async with Supervisor(on_event=events, backoff=Backoff(first=600, most=600)) as supervisor:
        await supervisor.start(shell("exit 3"))
        await events.until("job", EventKind.RESTARTING)
    assert events.names(EventKind.STARTED) == ["job"]


def test_restarts_are_spaced_exponentially_up_to_a_limit() -> None:
    backoff = Backoff(first=0.5, factor=2, most=3)
    assert [backoff.delay(failures) for failures in (1, 2, 3, 4, 500)] == [0.5, 1, 2, 3, 3]


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
