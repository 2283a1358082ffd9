"""``trx simulate`` comes to the same, to the byte, whether it takes the compiled lane or not."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from trx_core.cli import main
from trx_workers.lab import lane

FLEET = """
pools:
  - name: near
    region: eu
    resource_type: cpu
    cost_per_unit: 2
    capacity: 6
    worker: {kind: lognormal, params: {mean: 1.0, cv: 0.7, success_rate: 0.9}}
  - name: far
    region: us
    resource_type: cpu
    cost_per_unit: 1
    capacity: 8
    worker: {kind: exponential, params: {mean: 1.5, success_rate: 0.95, timeout: 6}}
"""
SCENARIO = """{job: {cost: 2, priorities: {3: 1, 7: 2}}}"""
TOLD_APART = ("decision_seconds", "decision_per_round_seconds", "lane_seconds", "elapsed_seconds")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a fleet and a trace, whose lane is taken by runs however short."""
    rng, at, lines = random.Random(4), 0.0, ["at,type,priority,cost,tenant"]
    for _ in range(700):
        at += rng.expovariate(9.0)
        lines.append(f"{at:.3f},job,{rng.randint(1, 10)},{rng.random():.3f},{rng.choice('xyz')}")
    lines[100] = "soon,job,1,1,x"
    (tmp_path / "trace.csv").write_text("\n".join(lines))
    (tmp_path / "fleet.yaml").write_text(FLEET)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lane, "WORTHWHILE", 1)
    monkeypatch.setattr(lane, "LOADED", 1)
    return tmp_path


@pytest.fixture
def simulate(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run the command; its result and its file of events, if it writes one."""

    def run(*args: str, taken: bool) -> tuple[dict[str, Any], bytes]:
        monkeypatch.setattr(lane, "MOST", 250_000 if taken else 0)
        events = folder / "events.parquet"
        events.unlink(missing_ok=True)
        with pytest.raises(SystemExit) as ended:
            main(["simulate", "--pools", "fleet.yaml", "--json", *args])
        assert ended.value.code == 0
        result = json.loads(capsys.readouterr().out)
        assert (result["lane_seconds"] is not None) is taken
        assert (result["decision_seconds"] is None) is taken
        assert (result["decision_per_round_seconds"]["mean"] is None) is taken
        kept = {key: value for key, value in result.items() if key not in TOLD_APART}
        return kept, events.read_bytes() if events.exists() else b""

    return run


@pytest.mark.parametrize("algorithm", ["fifo", "join-shortest-queue"])
@pytest.mark.parametrize(
    "traffic",
    [
        ("--trace", "trace.csv"),
        (
            "--scenario",
            "steady",
            "-p",
            "rate=8",
            "-p",
            "count=600",
            "-p",
            f"mix={SCENARIO}",
            "-p",
            "regions={eu: 1, us: 2}",
        ),
    ],
    ids=["trace", "scenario"],
)
def test_report_and_events_are_the_same(
    simulate: Any, algorithm: str, traffic: tuple[str, ...]
) -> None:
    args = (*traffic, "-a", algorithm, "--seed", "3", "--out", "events.parquet")
    result, events = simulate(*args, taken=True)
    assert (result, events) == simulate(*args, taken=False)
    assert result["summary"]["attempts"]["retried"] > 0
    quick, none = simulate(*args[:-2], taken=True)
    assert (quick, none) == (result, b"")


def test_what_is_measured_in_the_lane_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["simulate", "--pools", "fleet.yaml", "--trace", "trace.csv", "-a", "fifo"])
    assert "rounds decided by the compiled lane, in " in capsys.readouterr().out


def test_a_comparison_takes_it_unless_decisions_are_measured(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["--pools", "fleet.yaml", "--trace", "trace.csv", "-a", "fifo", "-a", "greedy"]
    for more, timed in ((("--measure", "wait_mean"), False), (("--measure", "decision"), True)):
        with pytest.raises(SystemExit):
            main(["compare", *args, "--json", "--seeds", "1", "--jobs", "1", *more])
        runs = json.loads(capsys.readouterr().out)["runs"]
        assert (runs["fifo"][0]["lane_seconds"] is None) is timed
        assert ("decision" in runs["fifo"][0]["measures"]) is timed
        assert "decision" in runs["greedy"][0]["measures"]
