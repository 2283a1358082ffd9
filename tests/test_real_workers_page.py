"""The fleets and commands of the page on real workers are good ones."""

from __future__ import annotations

import json
import random
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fresh import ROOT
from pages import modules_of

from trx_core.cli import main
from trx_core.errors import OperatorError
from trx_core.fleets import read_fleet
from trx_core.models import Fleet
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import simulator_maker, worker_maker

PAGE = (ROOT / "docs" / "real-workers.md").read_text()
FLEETS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^\$ trx (fit|simulate) (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the fleets of the page need."""
    module = ModuleType("acme_jobs")
    exec(modules_of(PAGE)["acme_jobs"], module.__dict__)
    monkeypatch.setitem(sys.modules, "acme_jobs", module)
    monkeypatch.setenv("TRX_SECRET_RESIZE_TOKEN", "Bearer token")


@pytest.mark.parametrize("text", FLEETS)
def test_a_fleet_of_the_page_can_be_run_and_not_be_simulated(text: str) -> None:
    registry = load_plugins()
    for pool in Fleet.from_yaml(text).pools:
        assert worker_maker(registry)(pool)
        with pytest.raises(OperatorError, match="TRX-O121"):
            simulator_maker(registry)(pool)


def history(pools: list[str]) -> Iterator[str]:
    rng = random.Random(2)
    for number in range(200):
        details = {"attempt": 1, "pool": rng.choice(pools), "latency": rng.gammavariate(3, 0.1)}
        yield json.dumps(
            {"task_id": number, "event_type": "enqueued", "details": {"type": "web", "cost": 1.0}}
        )
        yield json.dumps(
            {"task_id": number, "event_type": "completed", "details": {**details, "cost": 0.02}}
        )


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pools = [pool.name for pool in Fleet.from_yaml(FLEETS[0]).pools]
    Path("fleet.yaml").write_text(FLEETS[0])
    Path("history.jsonl").write_text("\n".join(history(pools)))
    Path("requests.csv").write_text("at,type\n" + "".join(f"{n},web\n" for n in range(50)))
    assert [name for name, _ in COMMANDS] == ["fit", "simulate"]
    for name, rest in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([name, *shlex.split(rest)])
        assert ended.value.code == 0
    assert {pool.worker.kind for pool in read_fleet(Path("twin.yaml")).pools} == {"fitted"}
    assert "<svg" in Path("fit.html").read_text()
