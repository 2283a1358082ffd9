"""The pages say what the code says: every hook, error, setting and command, and no other."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import docs_reference
import pytest
from fresh import ROOT
from pages import modules_of, run_page, section
from reference.plugins import signature

from trx_core.plugins import HOOKS, Hook, PluginState, load_plugins, registry_of
from trx_server.settings import READ_ELSEWHERE

HOOK_TESTS = ROOT / "packages/trx-core/tests/plugins/test_hooks.py"
"""Holds a test called ``test_<hook>`` for each."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a page's modules are written, for as long as the test takes."""
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def test_the_reference_is_that_of_the_code() -> None:
    assert not docs_reference.stale(), "run: nox -s docs -- --write"


def test_every_page_of_the_reference_is_generated() -> None:
    pages = {file.name for file in docs_reference.FOLDER.glob("*.md")}
    assert pages == {*docs_reference.PAGES, "index.md"}


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text()))
    assert named == {str(file.relative_to(ROOT / "docs")) for file in ROOT.glob("docs/**/*.md")}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
def test_a_hook_has_a_heading_its_signature_a_test_and_an_example(hook: Hook) -> None:
    told = section(page("plugins.md"), f"`{hook.name}`")
    assert told, "no heading"
    assert f"```text\n{signature(hook)}\n```" in told
    assert re.search(rf"^(?:async )?def test_{hook.name}\(", HOOK_TESTS.read_text(), re.MULTILINE)
    assert any(f"def {hook.name}()" in source for source in modules_of(told).values())


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
def test_the_example_of_a_hook_runs(hook: Hook, folder: Path) -> None:
    told = section(page("plugins.md"), f"`{hook.name}`")
    run_page(told, f"plugins.md, {hook.name}", folder)
    (name,) = modules_of(told)
    registry = registry_of({"acme": importlib.import_module(name)})
    (record,) = registry.plugins
    assert (record.state, record.problems, record.hooks) == (PluginState.LOADED, (), (hook.name,))
    assert registry.offers
    for offer in registry.offers:
        offer.spec.load()


@pytest.mark.parametrize(
    "file",
    sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("packages/*/README.md")),
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_the_python_in_a_page_runs(file: Path, folder: Path) -> None:
    if file.parent != docs_reference.FOLDER:
        run_page(file.read_text(), str(file), folder)


def test_every_error_code_is_explained_once() -> None:
    raised = {
        code
        for file in ROOT.glob("packages/*/src/**/*.py")
        for code in re.findall(r'"(TRX-[A-Z]\d{3})"', file.read_text())
    }
    explained = re.findall(r"^\| `(TRX-[A-Z]\d{3})` \|", page("errors.md"), re.MULTILINE)
    assert sorted(explained) == sorted(raised)


def test_every_variable_that_is_no_setting_is_listed() -> None:
    told = page("operations.md").partition("Read elsewhere")[2]
    listed = re.findall(r"^\| `(TRX_[A-Z_]+)` \|", told, re.MULTILINE)
    assert sorted(listed) == sorted(READ_ELSEWHERE)


def test_every_command_is_listed() -> None:
    listed = set(re.findall(r"^\| `trx ([a-z]+)", page("cli.md"), re.MULTILINE))
    assert listed == set(load_plugins().commands)
