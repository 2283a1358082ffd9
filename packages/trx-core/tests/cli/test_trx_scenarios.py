"""``trx scenarios``."""

from __future__ import annotations

import json

import pytest

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
