"""What the page of the algorithms says of the objective is what the code does."""

from __future__ import annotations

import re
import sys
from textwrap import dedent

import pytest
from fresh import ROOT
from pages import section

from trx_core.cli import parse_params
from trx_core.kernel import KernelConfig
from trx_core.routing import Objective
from trx_server.settings import Settings

TOLD = section((ROOT / "docs/algorithms.md").read_text(), "The objective")


def test_the_formulas_are_those_of_the_code() -> None:
    written = re.findall(r"::\n\n((?: {4}.*\n)+)", str(sys.modules[Objective.__module__].__doc__))
    assert len(written) == 2
    assert re.findall(r"^```text\n(.*?)^```", TOLD, re.DOTALL | re.MULTILINE) == [
        dedent(formula) for formula in written
    ]


def test_every_weight_is_listed_with_its_default() -> None:
    listed = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", TOLD, re.MULTILINE)
    assert {name: float(default) for name, default in listed} == Objective().model_dump()
    assert [name for name, _ in listed] == list(Objective.model_fields)


def test_both_ways_to_set_the_weights_set_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    (exports,) = re.findall(r"^\$ export (.*)$", TOLD, re.MULTILINE)
    for variable in exports.split():
        monkeypatch.setenv(*variable.split("="))
    (param,) = re.findall(r'--kernel "(objective=.*?)"', TOLD)
    lab = KernelConfig(**parse_params([param])).objective
    assert Settings().objective == lab == Objective(hold=20, wait=0.5)
