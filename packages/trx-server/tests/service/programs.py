"""``trx demo`` and ``trx up`` as a user runs them, and what they leave behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

WITHIN = 120.0
MARK = "TEST_OF_THE_SERVICE"


class Program:
    """A command of ``trx`` in a session of its own, with a temporary folder of its own.

    Every process that it starts inherits a mark in its environment, by which it is found. Ctrl-C
    reaches it even if we were started in the background, which makes us ignore it.
    """

    def __init__(self, folder: Path, *arguments: str, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.mark = f"{os.getpid()}-{folder.name}"
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TRX_")}
        self.output = folder / "output"
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trx_core.cli", *arguments],
                env={**ours, "TMPDIR": str(folder), "COLUMNS": "200", MARK: self.mark, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def until(self, words: str) -> re.Match[str]:
        """Wait until it says what matches ``words``."""
        deadline = time.monotonic() + WITHIN
        while (found := re.search(words, self.said())) is None:
            assert self.process.poll() is None, f"it ended without {words!r}:\n{self.said()}"
            assert time.monotonic() < deadline, f"it does not say {words!r}:\n{self.said()}"
            time.sleep(0.02)
        return found

    def send(self, number: signal.Signals) -> None:
        """As a terminal does: to the whole session's foreground group."""
        os.killpg(self.process.pid, number)

    def end(self) -> int:
        """Its exit code, once it has ended and nothing of it is left."""
        try:
            code = self.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end:\n{self.said()}") from None
        left = self.processes()
        assert left == [], f"still running: {left}"
        return code

    def processes(self) -> list[psutil.Process]:
        """What runs of it, itself included."""
        return [process for process in psutil.process_iter() if self._is_of_it(process)]

    def leftovers(self) -> list[str]:
        """What is in its temporary folder."""
        return sorted(path.name for path in self.folder.iterdir() if path != self.output)

    def close(self) -> None:
        """Kill what is left of it."""
        for process in self.processes():
            process.kill()
        self.process.kill()
        self.process.wait()

    def _is_of_it(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            marked = process.environ().get(MARK) == self.mark
            return marked or str(self.folder) in " ".join(process.cmdline())
        except psutil.Error:
            return False


@contextmanager
def running(*arguments: str, **env: str) -> Iterator[Program]:
    """``trx ARGUMENTS`` in a folder that every user can reach."""
    with tempfile.TemporaryDirectory(prefix="trx-program-") as name:
        Path(name).chmod(0o755)
        program = Program(Path(name).resolve(), *arguments, env=env)
        try:
            yield program
        finally:
            program.close()
