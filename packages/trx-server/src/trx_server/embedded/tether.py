"""Runs one command and ends it when the supervisor lets go, even if that was killed.

A stand-alone script of the standard library alone, started as ``python -I -S tether.py``:

    tether.py CONTROL_FD PARENT_PID UID:GID|- SIGNAL:SECONDS,... COMMAND [ARGUMENT ...]

It reports ``pid N`` or ``error TEXT``, then ``exit CODE`` on the control socket. When the other
end closes or half-closes (the supervisor asked, or died), when its parent changes, or on SIGTERM,
SIGINT or SIGHUP, it walks down the ladder of signals, SIGKILL being the last rung. It leads a
process group of its own, and at the end kills whatever the command left in it, itself included.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

LOOK_FOR_PARENT_SECONDS = 2.0
PR_SET_PDEATHSIG = 1
ORDERS_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Ladder = list[tuple[int, float]]


def parse_ladder(text: str) -> Ladder:
    """``"2:10,3:5"`` as ``[(2, 10.0), (3, 5.0)]``: signal number and seconds of patience."""
    steps = (step.split(":") for step in text.split(","))
    return [(int(number), float(patience)) for number, patience in steps]


def identity(text: str) -> dict[str, Any]:
    """``"101:104"`` as the keyword arguments that make ``Popen`` run as that user and group."""
    if text == "-":
        return {}
    uid, gid = text.split(":")
    return {"user": int(uid), "group": int(gid), "extra_groups": []}


def dying_with_me(number: int) -> Callable[[], None] | None:
    """What makes the kernel send ``number`` to the command if this process is killed (on Linux).

    To be run between fork and exec, after setuid, which would clear the setting. The library is
    loaded now: that user may be unable to read the interpreter's files.
    """
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        control_process = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None
    return lambda: control_process(PR_SET_PDEATHSIG, number)


def wait_for_end(
    child: subprocess.Popen[bytes], control: socket.socket, parent: int, wake: socket.socket
) -> None:
    """Return when the command has ended or is to be ended."""
    while child.poll() is None:
        readable, _, _ = select.select([control, wake], [], [], LOOK_FOR_PARENT_SECONDS)
        if control in readable or os.getppid() != parent:
            return
        if wake in readable and set(wake.recv(4096)) & set(ORDERS_TO_STOP):
            return


def bring_down(child: subprocess.Popen[bytes], ladder: Ladder) -> None:
    """End the command: each signal in turn, as long as its patience lasts, then SIGKILL."""
    for number, patience in ladder:
        child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
            return
    child.kill()
    child.wait()


def report(control: socket.socket, line: str) -> None:
    """Tell the supervisor, if there still is one."""
    with contextlib.suppress(OSError):
        control.sendall(line.replace("\n", " ").encode() + b"\n")


def main(arguments: list[str]) -> None:
    """Run the command to its end."""
    descriptor, parent, user, rungs, *command = arguments
    control = socket.socket(fileno=int(descriptor))
    ladder = parse_ladder(rungs)
    wake, woken = socket.socketpair()
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    for number in (*ORDERS_TO_STOP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    try:
        child = subprocess.Popen(
            command,
            preexec_fn=dying_with_me(ladder[0][0]),  # noqa: PLW1509 - there are no threads here
            **identity(user),
        )
    except (OSError, subprocess.SubprocessError) as error:
        report(control, f"error {error}")
        return
    report(control, f"pid {child.pid}")
    wait_for_end(child, control, int(parent), wake)
    bring_down(child, ladder)
    report(control, f"exit {child.returncode}")
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
