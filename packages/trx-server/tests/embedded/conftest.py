"""Folders and programs for the tests of the embedded servers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .harness import Events, Program, processes_on, wait_until_gone

RunProgram = Callable[..., Program]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach; at the end no process may be left on it."""
    with tempfile.TemporaryDirectory(prefix="trx-embedded-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
        left = processes_on(folder)
        for process in left:
            process.kill()
        assert not left


@pytest.fixture
def data_dir(folder: Path) -> Path:
    return folder / "data"


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def run_program(data_dir: Path) -> Iterator[RunProgram]:
    """Starts a :class:`Program` on ``data_dir``; what still runs at the end is killed."""
    programs: list[Program] = []

    def run(*wrapper: str) -> Program:
        programs.append(Program(data_dir, *wrapper))
        return programs[-1]

    yield run
    for program in programs:
        program.close()
    wait_until_gone(data_dir)
