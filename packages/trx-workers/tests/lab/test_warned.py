"""Warnings of a policy that fails again and again do not flood a command's stderr."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_author import Author

STEADY = ("--scenario", "steady", "-p", "count=60", "-a", "mine")
TOLD = "TRX-P140: algorithm 'mine'"


@pytest.mark.parametrize(
    "args",
    [
        ("simulate",),
        ("compare", "-a", "fifo", "--seeds", "2", "--jobs", "1"),
        ("compare", "-a", "fifo", "--seeds", "2", "--jobs", "2"),
        ("sweep", "--seeds", "2", "--jobs", "2", "--journal", "kept"),
    ],
)
def test_each_kind_of_warning_is_told_once_and_counted(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    for name in ("site", "work"):
        (tmp_path / name).mkdir()
    author = Author(tmp_path / "site", tmp_path / "work")
    author.write("raise ValueError(self.round)")
    done = author.trx(args[0], *STEADY, *args[1:])
    told = [line for line in done.stderr.splitlines() if TOLD in line]
    assert told[0].startswith(TOLD) and len(told) == 2, done.stderr
    count = told[1].partition(" more warnings like this one: ")[0]
    assert int(count) >= 4 and told[1].endswith(told[0])
