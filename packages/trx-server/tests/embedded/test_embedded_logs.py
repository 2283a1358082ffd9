"""Log files of supervised processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trx_server.embedded.logs import open_log, tail

from .harness import needs_root


def test_a_log_grows_over_restarts_and_is_set_aside_when_large(folder: Path) -> None:
    log = folder / "logs" / "job.log"
    for line in (b"first\n", b"second\n"):
        with open_log(log) as file:
            file.write(line)
    assert tail(log) == ["first", "second"]
    os.truncate(log, 11 * 2**20)
    with open_log(log) as file:
        file.write(b"third\n")
    assert log.read_bytes() == b"third\n"
    assert log.with_name("job.log.1").stat().st_size == 11 * 2**20


def test_a_tail_is_of_this_life_and_short(folder: Path) -> None:
    log = folder / "job.log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    since = log.stat().st_size
    assert tail(log, lines=2) == ["line 9998", "line 9999"]
    assert tail(log, since=since) == []
    with log.open("ab") as file:
        file.write(b"caf\xe9\n\nlast")
    assert tail(log, since=since) == ["caf\ufffd", "last"]
    assert tail(folder / "none.log") == []


def test_a_log_is_not_written_through_a_link(folder: Path) -> None:
    (folder / "job.log").symlink_to(folder / "target")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        open_log(folder / "job.log")
    assert not (folder / "target").exists()


@needs_root
def test_a_log_that_root_opens_belongs_to_the_folders_owner(folder: Path) -> None:
    os.chown(folder, 54321, 54321)
    open_log(folder / "job.log").close()
    assert (folder / "job.log").stat().st_uid == 54321
