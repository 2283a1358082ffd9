"""The pages say what the code says: every error, setting and command, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trx_core.plugins import load_plugins
from trx_server.settings import PREFIX, READ_ELSEWHERE, Settings

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"\bTRX-[A-Z]\d{3}\b")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_every_error_code_is_explained_once() -> None:
    raised = {
        code
        for file in ROOT.glob("packages/*/src/**/*.py")
        for code in re.findall(r'"(TRX-[A-Z]\d{3})"', file.read_text())
    }
    explained = re.findall(r"^\| `(TRX-[A-Z]\d{3})` \|", page("errors.md"), re.MULTILINE)
    assert sorted(explained) == sorted(raised)


def test_every_setting_is_listed() -> None:
    listed = set(re.findall(r"^\| `(TRX_[A-Z_]+)` \|", page("operations.md"), re.MULTILINE))
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    assert listed - READ_ELSEWHERE - {"TRX_TRACEBACK"} == settings


def test_every_command_is_listed() -> None:
    listed = set(re.findall(r"^\| `trx ([a-z]+)", page("cli.md"), re.MULTILINE))
    assert listed == set(load_plugins().commands)


@pytest.mark.parametrize(
    "file",
    sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("packages/*/README.md")),
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_the_python_in_a_page_runs(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", file.read_text(), re.DOTALL | re.MULTILINE)
    exec(compile("\n".join(blocks), str(file), "exec"), {"__name__": "page"})
