"""Files that cannot be written are found before any work is done."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from trx_core.cli import main
from trx_core.errors import CallerError
from trx_workers.files import check_writable, replaced
from trx_workers.lab import command, compare_command, sweep_command

NOBODY: Final = 65534
STEADY: Final = ("--scenario", "steady", "-p", "count=20", "-a", "fifo")
WRITERS: Final = {
    "simulate": (("simulate", *STEADY), ("--html", "--out")),
    "compare": (("compare", *STEADY, "-a", "greedy", "--jobs", "1"), ("--html", "--out")),
    "sweep": (("sweep", *STEADY, "--jobs", "1"), ("--html",)),
    "fit": (("fit", "history.jsonl"), ("--html", "--out")),
}
"""Command → how it is called, and its options that name files to write."""


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that the running user may not write to."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(mine)
        folder.chmod(stat.S_IRWXU)


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes any run a failure of the test."""

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the work has begun")

    monkeypatch.setattr(command, "find", never)
    monkeypatch.setattr(compare_command, "find_all", never)
    monkeypatch.setattr(sweep_command, "swept", never)
    monkeypatch.setattr("trx_workers.fitting.history.read_history", never)


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name, (_, options) in WRITERS.items() for option in options],
)
@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("no/such/file", "No such file or directory"),
        ("folder", "it is a directory"),
        ("plain/file", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
@pytest.mark.usefixtures("no_work")
def test_every_command_finds_it_first(
    name: str,
    option: str,
    place: str,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for there in ("plain", "history.jsonl"):
        (tmp_path / there).touch()
    with pytest.raises(SystemExit) as ended:
        main([*WRITERS[name][0], option, place])
    told = capsys.readouterr().err
    assert (ended.value.code, told.count("\n")) == (2, 1)
    assert told.startswith(f"TRX-C155: {place!r} cannot be written: {why}.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "history.jsonl", "plain"]


def test_a_folder_that_one_may_not_write_to_is_told(locked: Path) -> None:
    with pytest.raises(CallerError, match=r"TRX-C155: .* cannot be written: Permission denied"):
        check_writable(locked / "report.html")


def test_one_file_cannot_hold_two_results(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="it is named for two results"):
        check_writable(tmp_path / "a", None, tmp_path / "a")


INPUTS: Final = {
    "simulate": ("--trace", "--pools"),
    "compare": ("--trace", "--pools"),
    "sweep": ("--trace", "--pools"),
    "fit": ("HISTORY", "--pools"),
}
"""Command → its options that name files to read; ``HISTORY`` is its argument."""


@pytest.mark.parametrize("link", ["same", "symbolic", "hard"])
@pytest.mark.parametrize(
    ("name", "source", "option"),
    [
        (name, source, option)
        for name, (_, options) in WRITERS.items()
        for source in INPUTS[name]
        for option in options
    ],
)
@pytest.mark.usefixtures("no_work")
def test_no_command_writes_over_what_it_reads(
    name: str,
    source: str,
    option: str,
    link: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("history.jsonl").touch()
    read, written = Path("read"), Path("read" if link == "same" else "link")
    read.write_text("dear")
    if link == "symbolic":
        written.symlink_to(read)
    elif link == "hard":
        written.hardlink_to(read)
    named = [str(read)] if source == "HISTORY" else [source, str(read)]
    args = ["fit"] if source == "HISTORY" else WRITERS[name][0]
    with pytest.raises(SystemExit) as ended:
        main([*args, *named, option, str(written)])
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told == (
        f"TRX-C155: {str(written)!r} cannot be written: it is what the command reads as 'read'. "
        "Name another file.\n"
    )
    assert read.read_text() == written.read_text() == "dear"


def test_a_file_of_two_names_cannot_hold_two_results(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("kept")
    other.hardlink_to(one)
    with pytest.raises(CallerError, match="it is named for two results"):
        check_writable(one, other)


def test_a_device_may_be_read_and_written() -> None:
    check_writable(Path(os.devnull), inputs=(Path(os.devnull),))


def test_what_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("kept")
    check_writable(old, tmp_path / "new", None)
    assert [path.name for path in tmp_path.iterdir()] == ["old"] and old.read_text() == "kept"


@pytest.mark.parametrize("write", [check_writable, lambda path: replaced(path, "text")])
def test_a_device_is_written_and_not_replaced(write: Callable[[Path], None]) -> None:
    write(Path(os.devnull))
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
