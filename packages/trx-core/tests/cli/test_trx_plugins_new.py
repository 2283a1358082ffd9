"""``trx plugins new``: what it writes, and what it refuses to."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from throwaway import ALGORITHM, Site

from trx_core.cli.scaffold import Kind


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", Kind)
def test_it_writes_a_whole_package(site: Site, tmp_path: Path, kind: Kind) -> None:
    done = site.trx("plugins", "new", "my-router", "--kind", kind, "--dir", str(tmp_path / "new"))
    assert (done.returncode, done.stderr) == (0, "")
    root = tmp_path / "new" / "my-router"
    assert {
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "src/my_router/__init__.py",
        "src/my_router/plugin.py",
        "src/my_router/py.typed",
        "tests/test_contract.py",
    } < files(root)
    for name in files(root):
        assert str(root / name) in done.stdout
        if name.endswith(".py"):
            ast.parse((root / name).read_text())
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["trx"] == {"my-router": "my_router.plugin"}


def test_without_a_kind_it_is_an_algorithm_in_the_folder_one_is_in(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert site.trx("plugins", "new", "my-router").returncode == 0
    assert "src/my_router/policy.py" in files(tmp_path / "here" / "my-router")


@pytest.mark.parametrize(
    "name",
    ["My-Router", "my_router", "1st", "my--router", "-x-", "class", "a" * 65, "../x", "ü", ""],
)
def test_a_bad_name_is_refused(site: Site, tmp_path: Path, name: str) -> None:
    before = files(tmp_path)
    done = site.trx("plugins", "new", "--dir", str(tmp_path), "--", name)
    assert done.returncode == 2
    assert done.stderr.startswith(f"TRX-C124: {name!r} cannot be the name of a package.")
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("acme", "queue", "the plugin 'acme' (acme-router 0.3.1)"),
        ("acme-router", "queue", "the plugin 'acme' (acme-router 0.3.1)"),
        ("ppo", "algorithm", "the algorithm of the plugin 'acme' (acme-router 0.3.1)"),
        ("memory", "queue", "the queue of the plugin 'core' (trx-core "),
        ("json", "algorithm", "a module that is installed, 'json'"),
        ("trx-core", "algorithm", "the plugin 'core' (trx-core "),
    ],
)
def test_a_name_that_is_taken_is_refused(
    site: Site, tmp_path: Path, name: str, kind: str, told: str
) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    done = site.trx("plugins", "new", name, "--kind", kind, "--dir", str(tmp_path / "new"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"TRX-C125: {name!r} is the name of {told}")
    assert not (tmp_path / "new").exists()


def test_a_name_of_another_hook_is_free(site: Site, tmp_path: Path) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    done = site.trx("plugins", "new", "ppo", "--kind", "queue", "--dir", str(tmp_path / "new"))
    assert done.returncode == 0


@pytest.mark.parametrize("there", ["folder", "file", "dangling link"])
def test_nothing_is_overwritten(site: Site, tmp_path: Path, there: str) -> None:
    target = tmp_path / "my-router"
    if there == "folder":
        target.mkdir()
    elif there == "file":
        target.write_text("mine")
    else:
        target.symlink_to("nowhere")
    done = site.trx("plugins", "new", "my-router", "--dir", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        f"TRX-C126: {str(target)!r} exists already. "
        "Nothing is overwritten: choose another name or another --dir.\n"
    )
    assert target.is_symlink() or not target.is_dir() or not list(target.iterdir())


def test_a_place_that_is_no_folder_is_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "deeper"):
        done = site.trx("plugins", "new", "my-router", "--dir", str(place))
        assert done.returncode == 2
        assert done.stderr.startswith(("TRX-C126", "TRX-C127"))


def test_a_place_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    done = site.trx("plugins", "new", "my-router", "--dir", str(tmp_path / ("x" * 300)))
    assert done.returncode == 2
    assert done.stderr.startswith("TRX-C127: ")
    assert done.stderr.count("\n") == 1


def test_an_unknown_kind_is_told_with_those_that_there_are(site: Site, tmp_path: Path) -> None:
    done = site.trx("plugins", "new", "my-router", "--kind", "moon", "--dir", str(tmp_path))
    assert done.returncode == 2
    for kind in Kind:
        assert kind in done.stderr
