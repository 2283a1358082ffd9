"""``make`` on a fresh clone, when it is broken off."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WITHIN = 60.0

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")

INTERRUPTED = (-signal.SIGINT, 2)
"""Make dies of the signal, or sees first that a command has ended by it."""

OF_AN_OUTER_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


SLOW = """
import pathlib, time

pathlib.Path("importing").touch()
for _ in range(600):
    time.sleep(0.1)
"""


def test_an_interrupt_while_nox_starts_is_quiet(clone: Path) -> None:
    (clone / "nox.py").write_text(SLOW)
    (clone / "noxfile.py").touch()
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (clone / ".venv" / "ready").touch()
    with make(clone, "demo") as process:
        deadline = time.monotonic() + WITHIN
        while not (clone / "importing").exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=WITHIN)
    assert process.returncode in INTERRUPTED
    assert [line for line in said.splitlines() if not line.startswith("make: ")] == []


def test_a_session_has_the_usual_interrupt_back() -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); import noxfile; "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=WITHIN)


def make(clone: Path, *arguments: str) -> subprocess.Popen[str]:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        ["make", *arguments, f"PYTHON={sys.executable}"],
        cwd=clone,
        env={key: value for key, value in os.environ.items() if key not in OF_AN_OUTER_MAKE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_an_interrupt_while_it_sets_up_is_quiet_and_the_next_call_begins_anew(clone: Path) -> None:
    with make(clone, ".venv/ready") as process:
        deadline = time.monotonic() + WITHIN
        while not (clone / ".venv" / "pyvenv.cfg").exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=WITHIN)
    assert process.returncode in INTERRUPTED
    usual = ("Setting up", "make: ")
    assert [line for line in said.splitlines() if not line.startswith(usual)] == []
    assert (clone / ".venv").exists() and not (clone / ".venv" / "ready").exists()
    with make(clone, "--dry-run", ".venv/ready") as again:
        planned, _ = again.communicate(timeout=WITHIN)
    assert "venv --clear .venv" in planned
