"""Fresh environments: our wheels and a test's own, on top of the third-party packages here."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICE = ("trx-core", "trx-algorithms", "trx-workers", "trx-server")
OURS = ("trx", "_trx", "__editable__")


def build_wheels(projects: Iterable[Path], folder: Path) -> list[Path]:
    """Build a wheel of each project, with the build back-end that is installed here."""
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), *map(str, projects))
    return sorted(folder.glob("*.whl"))


def pip(*arguments: str) -> None:
    """Run pip, which must not need the network."""
    command = (sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments)
    done = subprocess.run(
        command,
        env={**os.environ, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


class Environment:
    """A virtual environment in ``folder``.

    What is installed here of other people's packages can be imported in it; of ours nothing, until
    a wheel of it is installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv = (sys.executable, "-m", "venv", "--without-pip", str(folder))
        subprocess.run(venv, check=True, timeout=60)
        self.python = folder / "bin" / "python"
        others = folder / "others"
        others.mkdir()
        for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for item in Path(place).iterdir():
                if not item.name.startswith(OURS) and item.suffix != ".pth":
                    (others / item.name).symlink_to(item)
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "others.pth").write_text(f"{others}\n")

    def install(self, *arguments: str | Path) -> None:
        """Install wheels, or projects with ``-e``; their dependencies are here already."""
        options = ("--no-deps", "--no-build-isolation", "--quiet")
        pip("--python", str(self.python), "install", *options, *map(str, arguments))

    def run(
        self, *command: str | Path, folder: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment; ``more`` are variables."""
        foreign = ("PYTHON", "TRX_", "PYTEST_", "VIRTUAL_ENV")
        plain = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        program, *arguments = map(str, command)
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=folder or self.folder,
            env={**plain, "COLUMNS": "200", **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def trx(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``trx``."""
        return self.run("trx", *arguments)
