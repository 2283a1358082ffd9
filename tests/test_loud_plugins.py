"""What plugins print while the lab runs them is not in its reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from throwaway import Site

PLUGIN = """
    import os
    from trx_core import ScoreAlgorithm, hookimpl
    from trx_core.models import Outcome
    from trx_core.specs import AlgorithmSpec, ScenarioSpec, WorkerKindSpec

    def talk(of):
        print("print", of)
        os.write(1, f"descriptor {of}\\n".encode())

    class Loud(ScoreAlgorithm):
        def score(self, task, pool):
            talk("in score")
            return 1.0

    class Instant:
        def sample(self, task, pool, now, rng):
            talk("in sample")
            return Outcome(1.0, True, 0.0)

    @hookimpl
    def trx_register_algorithms():
        return [AlgorithmSpec(name="loud", target=f"{__name__}:Loud", summary="Talks.")]

    @hookimpl
    def trx_register_workers():
        return [WorkerKindSpec(name="instant", target=f"{__name__}:Instant", summary="Talks.")]
"""
FLEET = """
pools:
  - {name: a, region: eu, resource_type: cpu, cost_per_unit: 1.0, capacity: 2,
     worker: {kind: instant}}
"""


@pytest.fixture
def loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path)
    site.install("acme", PLUGIN)
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "tasks.csv").write_text("at,type\n0,web\n1,web\n2,web\n3,web\n")
    monkeypatch.chdir(tmp_path)
    return site


def lab(site: Site, command: str, *args: str) -> str:
    traffic = ("--trace", "tasks.csv", "--pools", "fleet.yaml")
    only = "acme-router,trx-core,trx-workers,trx-algorithms"
    done = site.trx(command, *traffic, *args, TRX_PLUGINS_ONLY=only)
    assert done.returncode == 0, done.stderr
    for where in ("score", "sample"):
        assert f"print in {where}\n" in done.stderr
        assert f"descriptor in {where}\n" in done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "-a", "loud"),
        ("compare", "-a", "loud", "-a", "fifo", "--seeds", "2", "--jobs", "1"),
        ("compare", "-a", "loud", "-a", "fifo", "--seeds", "2", "--jobs", "2"),
        ("sweep", "-a", "loud", "--seeds", "1", "--jobs", "1"),
    ],
    ids=" ".join,
)
def test_json_is_json(loud: Site, command: tuple[str, ...]) -> None:
    told = lab(loud, *command, "--json")
    assert json.loads(told)


def test_a_table_is_a_table(loud: Site) -> None:
    told = lab(loud, "simulate", "-a", "loud")
    assert told.startswith("tasks.csv, loud, in virtual time\n")
    assert "print" not in told
    assert "descriptor" not in told
