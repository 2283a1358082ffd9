"""``trx scenarios``."""

from __future__ import annotations

import json

import pytest
from throwaway import Site

from trx_core.cli import main


def trx(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["scenarios", *arguments])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_list_and_show(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = trx(capsys, "list", "--json")
    assert code == 0
    listed = {one["name"]: one for one in json.loads(out)}
    if "bursts" not in listed:
        pytest.skip("trx-workers is not installed")
    assert listed["bursts"]["package"] == "trx-workers"
    assert "Markov-modulated" in trx(capsys, "list")[1]
    _, out, _ = trx(capsys, "show", "bursts")
    assert "quiet_seconds" in out and "mean time between bursts" in out
    _, out, _ = trx(capsys, "show", "bursts", "--json")
    told = {one["name"]: one for one in json.loads(out)["parameters"]}
    assert told["burst_rate"] == {
        "name": "burst_rate",
        "type": "float",
        "default": "450.0",
        "unit": "1/s",
        "range": "> 0, ≤ 1e+06",
        "description": "arrivals in a burst",
    }


def test_one_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = trx(capsys, "show", "no-such")
    assert code == 2
    assert err.startswith("TRX-C120: there is no scenario 'no-such'.")


BROKEN = """
import os
from pydantic import BaseModel, Field
from trx_core import hookimpl
from trx_core.specs import ScenarioSpec

class Parameters(BaseModel):
    key: str = Field(default_factory=lambda: os.environ["ACME_KEY"])

class Traffic:
    parameters = Parameters

class Leaving(BaseModel):
    key: str = Field(default_factory=lambda: exit(3))

class Left:
    parameters = Leaving

@hookimpl
def trx_register_scenarios():
    return [
        ScenarioSpec(name="keyed", target="acme_router_plugin:Traffic", summary="It needs a key."),
        ScenarioSpec(name="left", target="acme_router_plugin:Left", summary="It exits."),
    ]
"""


@pytest.mark.parametrize(
    ("name", "told"), [("keyed", "KeyError: 'ACME_KEY'"), ("left", "SystemExit: 3")]
)
def test_one_whose_parameters_cannot_be_told_says_why(site: Site, name: str, told: str) -> None:
    site.install("acme", BROKEN)
    for command in ("scenarios", "plugins"):
        shown = site.trx(command, "show", name)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert f"TRX-P114: the parameters of '{name}' (acme-router 0.3.1)" in shown.stdout
        assert told in " ".join(shown.stdout.split())
