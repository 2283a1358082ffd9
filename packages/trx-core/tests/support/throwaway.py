"""Real distributions, made for one test: a module and its metadata in a folder on the path."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent

from trx_core.plugins import Candidate, Registry, Selection, discover
from trx_core.plugins.manager import PluginManager

ALGORITHM = """
    from trx_core import hookimpl
    from trx_core.specs import AlgorithmSpec

    @hookimpl
    def trx_register_algorithms():
        return [AlgorithmSpec(name={name!r}, target="nowhere.at_all:Policy", summary="A policy.")]
"""


class Site:
    """A folder of throw-away distributions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.installed: list[str] = []

    def module(self, name: str, source: str) -> None:
        """Put a module there."""
        self.folder.joinpath(f"{name}.py").write_text(dedent(source))

    def metadata(self, distribution: str, version: str, entry_points: str) -> None:
        """Put a distribution's metadata there."""
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        named = f"Name: {distribution}\nVersion: {version}\n"
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\n{named}")
        info.joinpath("entry_points.txt").write_text(entry_points)
        self.installed.append(distribution)

    def install(
        self, plugin: str, source: str, *, distribution: str | None = None, version: str = "0.3.1"
    ) -> None:
        """Install a distribution, by default ``<plugin>-router``, with one plugin."""
        distribution = distribution or f"{plugin}-router"
        module = f"{distribution.replace('-', '_')}_plugin"
        self.module(module, source)
        self.metadata(distribution, version, f"[trx]\n{plugin} = {module}\n")

    def candidates(self) -> list[Candidate]:
        """What discovery finds of these distributions and of the SDK's own."""
        return [one for one in discover() if one.distribution in (*self.installed, "trx-core")]

    def load(self, selection: Selection | None = None) -> Registry:
        """A registry of these distributions and of the SDK's own."""
        return PluginManager(selection).load(self.candidates())

    def trx(self, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run ``trx`` in a process of its own, with these distributions and the SDK's own."""
        return subprocess.run(
            [sys.executable, "-m", "trx_core.cli", *args],
            env=self.environ(environ.items()),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def environ(self, more: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        """An environment in which a process sees these distributions and the SDK's own."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("TRX_")}
        only = ",".join(self.installed or ["trx-core"])
        paths = {"PYTHONPATH": str(self.folder), "TRX_PLUGINS_ONLY": only, "COLUMNS": "200"}
        return plain | paths | dict(more)
