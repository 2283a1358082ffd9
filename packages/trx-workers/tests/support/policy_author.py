"""A policy author's own distribution, installed for one test, and ``trx`` run with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent
from typing import Final

__all__ = ["Author"]

_PLUGIN: Final = """
from trx_core import hookimpl
from trx_core.specs import AlgorithmSpec, WorkerKindSpec

@hookimpl
def trx_register_algorithms():
    return [AlgorithmSpec(name="mine", target="mine_policy:Mine", summary="A policy.")]

@hookimpl
def trx_register_workers():
    return [WorkerKindSpec(name="tired", target="mine_plugin:Tired", summary="Not for long.")]

class Tired:
    def __init__(self, after):
        self.after = after

    def sample(self, task, pool, now, rng):
        from trx_core.models import Outcome
        if now > self.after:
            raise RuntimeError("too tired")
        return Outcome(0.001, True, 1.0)
"""
_POLICY: Final = """
import time
from trx_core.routing import Decision, first_come_first_served

class Mine:
    def __init__(self, **params):
        self.params = params
        self.round = 0

    def route(self, problem):
        self.round += 1
"""
_FILES: Final = {
    "METADATA": "Metadata-Version: 2.1\nName: mine-router\nVersion: {version}\n",
    "entry_points.txt": "[trx]\nmine = mine_plugin\n",
}


class Author:
    """Has the distribution ``mine-router`` with the algorithm ``mine``, which :meth:`write` gives
    its body, and the kind of worker ``tired``, which raises ``after`` so many seconds.

    Args:
        folder: where its modules and its metadata are, which is on the path of :meth:`trx`.
        work: where ``trx`` is run.
    """

    def __init__(self, folder: Path, work: Path) -> None:
        self._folder, self._work = folder, work
        self._folder.joinpath("mine_plugin.py").write_text(_PLUGIN)
        self.version("0.3.1")

    def version(self, version: str) -> None:
        """Release the distribution under a version."""
        info = self._folder / "mine_router.dist-info"
        info.mkdir(exist_ok=True)
        for name, text in _FILES.items():
            info.joinpath(name).write_text(text.format(version=version))

    def write(self, body: str) -> None:
        """Write the policy: what it does in a round, with ``self.round`` from 1 and ``problem``."""
        source = _POLICY + indent(dedent(body), " " * 8)
        self._folder.joinpath("mine_policy.py").write_text(source)

    def trx(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run ``trx`` in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "trx_core.cli", *args],
            cwd=self._work,
            env=self.environ(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def environ(self) -> dict[str, str]:
        """An environment in which a process sees the distribution, as it has been written last."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("TRX_")}
        unseen = {"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        return plain | unseen | {"PYTHONPATH": str(self._folder)}
