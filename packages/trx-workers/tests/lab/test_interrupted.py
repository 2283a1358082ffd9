"""What the lab's commands say when somebody interrupts them."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from trx_core.cli import main
from trx_workers.lab import command, sweep
from trx_workers.lab.finding import find

STEADY = ("--scenario", "steady", "-p", "count=20", "-a", "fifo")


def interrupted(*args: str) -> object:
    """The exit code of a command that is interrupted."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(SystemExit) as ended:
            main(args)
    finally:
        signal.signal(signal.SIGINT, before)
    return ended.value.code


def after(runs: int) -> Any:
    """Carries out so many runs; then the signal of an interrupt comes."""
    left = [None] * runs

    def one(*args: Any, **named: Any) -> Any:
        if not left:
            signal.raise_signal(signal.SIGINT)
        left.pop()
        return find(*args, **named)

    return one


def test_a_single_run_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find", after(0))
    assert interrupted("simulate", *STEADY) == 130
    assert capsys.readouterr() == ("", "Interrupted. Nothing is kept.\n")


def test_a_comparison_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("trx_workers.lab.recording.find", after(1))
    assert interrupted("compare", *STEADY, "-a", "greedy", "--jobs", "1") == 130
    assert capsys.readouterr() == ("", "Interrupted. Nothing is kept.\n")


def test_a_sweep_says_what_is_kept_and_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    args = ("sweep", *STEADY, "--seeds", "3", "--jobs", "1", "--journal", "kept", "--json")
    monkeypatch.setattr(sweep, "find", after(2))
    assert interrupted(*args) == 130
    assert capsys.readouterr() == (
        "",
        "Interrupted. 2 of 3 runs are kept in kept; the same command goes on from there.\n",
    )
    monkeypatch.setattr(sweep, "find", after(1))
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert ended.value.code == 0
    assert [one["runs"] for one in json.loads(capsys.readouterr().out)] == [3]
