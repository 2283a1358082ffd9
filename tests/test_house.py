"""Rules that every file of the repository keeps."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(ROOT.glob("packages/trx-*"))
LONGEST_MODULE = 600
PLACES = re.compile(
    r"/(?:root|work|tmp/plan)/|/home/[a-z]|pypi\.org|pythonhosted\.|npmjs\.|debian\.org"
)
"""Folders of one machine, and hosts of package registries."""


def tracked() -> list[Path]:
    """The repository's text files: those that git knows and those that it would add."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        pytest.skip("this is not a git checkout")
    files = [ROOT / name for name in run.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()]


def test_no_file_names_a_place_of_one_machine_or_a_registry() -> None:
    found = {
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in tracked()
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), start=1)
        if PLACES.search(line) and file != Path(__file__)
    }
    assert not found


def test_modules_are_small() -> None:
    modules = [file for file in tracked() if file.suffix == ".py"]
    lengths = {file: len(file.read_text().splitlines()) for file in modules}
    assert not {file: count for file, count in lengths.items() if count > LONGEST_MODULE}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_is_complete(package: Path) -> None:
    module = package / "src" / package.name.replace("-", "_")
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert (module / "py.typed").is_file()
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert project["name"] == package.name
    assert project["requires-python"] == ">=3.11"
    assert re.search(r"^```(python|console)$", (package / "README.md").read_text(), re.MULTILINE)


def test_packages_have_one_version() -> None:
    projects = [tomllib.loads((package / "pyproject.toml").read_text()) for package in PACKAGES]
    assert len({project["project"]["version"] for project in projects}) == 1
