"""The commands on the page of the lab run, and its table names every measure."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from fresh import ROOT
from pages import section

from trx_core.cli import main
from trx_workers.lab.bootstrap import RESAMPLES
from trx_workers.lab.comparison import DEPENDENT, FEWEST, THIN
from trx_workers.lab.finding import BLOCKS
from trx_workers.lab.measures import MEASURES, TESTED

PAGE = (ROOT / "docs/lab.md").read_text()
COMMANDS = re.findall(r"^\$ trx (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    with pytest.raises(SystemExit) as ended:
        main(words if words[0] == "simulate" else [*words, "--jobs", "1"])
    assert ended.value.code == 0
    named = [words[at + 1] for at, word in enumerate(words) if word in ("--html", "--out")]
    assert all((tmp_path / name).stat().st_size for name in named)


def test_every_measure_has_its_formula() -> None:
    told = section(PAGE, "Measures")
    kinds = {
        re.sub(r"^(mean|p\d\d) | of (tenants|regions)$", "", m.title) for m in MEASURES.values()
    }
    rows = {
        name for row in re.findall(r"^\| (.*?) \|", told, re.MULTILINE) for name in row.split(", ")
    }
    assert rows - {"measure", "---"} == kinds


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    assert len(TESTED) == 11 and "Eleven measures are compared" in PAGE
    assert FEWEST == 5 and "fewer than five seeds" in PAGE
    assert f"are {BLOCKS} stretches" in PAGE and f"fewer than {THIN * BLOCKS} tasks" in PAGE
    assert f"by more than {DEPENDENT:.2f}" in PAGE
    assert f"{RESAMPLES:,} resamples" in PAGE
