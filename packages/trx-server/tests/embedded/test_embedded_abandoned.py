"""Which temporary data directories are swept away, and which are not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from trx_server.embedded import sweep_abandoned
from trx_server.embedded.datadir import LOCK, open_data_dir

PREFIX = "trx-demo-"


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Ours alone, and within reach of the user that servers run as."""
    with tempfile.TemporaryDirectory(prefix="trx-test-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def abandoned(folder: Path, name: str = f"{PREFIX}a") -> Path:
    """A data directory of somebody who is gone."""
    root = folder / name
    root.joinpath("postgres", "base").mkdir(parents=True)
    root.joinpath("postgres", "base", "1").write_text("x")
    root.joinpath(LOCK).write_text("4194305\n")
    root.joinpath("settings").write_text("x")
    return root


def test_those_that_nobody_uses_go(temporary: Path) -> None:
    one, two, other = (abandoned(temporary, name) for name in (f"{PREFIX}a", f"{PREFIX}b", "else"))
    sweep_abandoned(PREFIX)
    assert not one.exists() and not two.exists() and other.exists()


def test_one_in_use_stays_until_it_is_no_longer(temporary: Path) -> None:
    folder = temporary / f"{PREFIX}a"
    try:
        with open_data_dir(folder) as held:
            sweep_abandoned(PREFIX)
            assert held.logs.is_dir()
    finally:
        sweep_abandoned(PREFIX)
    assert not folder.exists()


def test_one_that_a_process_works_in_stays(temporary: Path) -> None:
    folder = abandoned(temporary)
    sleeping = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", sleeping],
        cwd=folder / "postgres",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        sweep_abandoned(PREFIX)
        assert (folder / "postgres" / "base" / "1").is_file()
        process.communicate()
    sweep_abandoned(PREFIX)
    assert not folder.exists()


@pytest.mark.parametrize("lock", [None, ""])
def test_one_that_nobody_has_locked_yet_stays(temporary: Path, lock: str | None) -> None:
    folder = abandoned(temporary)
    (folder / LOCK).unlink()
    if lock is not None:
        (folder / LOCK).write_text(lock)
    sweep_abandoned(PREFIX)
    assert (folder / "settings").exists()


def test_what_is_no_folder_stays(temporary: Path) -> None:
    target = abandoned(temporary, "else")
    (temporary / f"{PREFIX}link").symlink_to(target)
    (temporary / f"{PREFIX}file").write_text("x")
    sweep_abandoned(PREFIX)
    assert len(list(temporary.iterdir())) == 3
    assert (target / "settings").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_stays(temporary: Path) -> None:
    folder = abandoned(temporary)
    os.chown(folder, 12345, 12345)
    sweep_abandoned(PREFIX)
    assert (folder / "settings").exists()
