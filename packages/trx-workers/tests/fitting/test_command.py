"""``trx fit`` on a history of the lab, and its fleet back in the lab."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trx_core.cli import main
from trx_core.fleets import read_fleet
from trx_core.models import ErrorKind, Fleet, LogEntry
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_workers.fitting.history import read_history
from trx_workers.fitting.model import USUAL, fit_fleet
from trx_workers.lab import LabRun, simulate
from trx_workers.lab.run import tasks_of
from trx_workers.traffic.steady import Steady

FLEET = """
distance: {eu: {us: 2}}
pools:
  - name: fast
    region: eu
    resource_type: cpu
    cost_per_unit: 2
    capacity: 4
    worker:
      kind: lognormal
      params:
        by_type: {web: {mean: 0.1, cv: 0.8}, report: {mean: 0.2, per_cost: 0.05, cv: 0.3}}
        success_rate: 0.9
        permanent_share: 0.2
  - name: spare
    region: us
    resource_type: gpu
    cost_per_unit: 1
    capacity: 2
    worker: {kind: http, params: {url: "https://gpu.example/run"}}
"""
REGISTRY = load_plugins()


def lab(
    fleet: Fleet, seed: int, on_entries: Callable[[list[LogEntry]], None], count: int = 1600
) -> LabRun:
    arrivals = (
        one._replace(request=one.request.model_copy(update={"resource_type": "cpu"}))
        for one in Steady(rate=8, count=count).arrivals(random.Random(seed))
    )
    return simulate(
        fleet,
        make_algorithm(REGISTRY, "fifo"),
        tasks_of(arrivals, seed),
        build=simulator_maker(REGISTRY),
        seed=seed,
        on_entries=on_entries,
    )


def record(path: Path, count: int = 1600) -> Path:
    """The log of a run whose laws are known."""
    cpu = Fleet.from_yaml(FLEET).pools[:1]
    with path.open("w") as file:

        def write(entries: list[LogEntry]) -> None:
            for entry in entries:
                row = {**entry._asdict(), "task_id": str(entry.task_id)}
                file.write(json.dumps(row, default=dict) + "\n")

        lab(Fleet(pools=cpu), 1, write, count)
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a short run whose laws are known."""
    return record(tmp_path_factory.mktemp("history") / "history.jsonl")


@pytest.fixture
def fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["fit", *args])
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_fleet_is_written_that_the_lab_takes(history: Path, fit: Any, tmp_path: Path) -> None:
    code, out, err = fit(str(history), "--pools", "fleet.yaml", "--out", "fitted.yaml")
    assert (code, err) == (0, "")
    assert "lognormal, cv 0.7" in out or "lognormal, cv 0.8" in out
    assert "pool 'spare' has no history" in out
    fitted, given = read_fleet(tmp_path / "fitted.yaml"), read_fleet(tmp_path / "fleet.yaml")
    assert [pool.worker.kind for pool in fitted.pools] == ["fitted", "fitted"]
    assert fitted.distance == given.distance
    assert [pool.id for pool in fitted.pools] == [pool.id for pool in given.pools]
    make = simulator_maker(REGISTRY)
    for pool in fitted.pools:
        make(pool)
    head = (tmp_path / "fitted.yaml").read_text().splitlines()
    assert head[0].startswith("# Fitted to ")
    assert head[1].startswith("# pool 'spare'")


def test_the_twin_in_the_lab_behaves_as_the_original(tmp_path: Path) -> None:
    cpu = Fleet(pools=Fleet.from_yaml(FLEET).pools[:1])
    history = record(tmp_path / "history.jsonl", count=8000)
    twin = fit_fleet(read_history(history), cpu).fleet
    same = [lab(fleet, 2, lambda _: None).summary for fleet in (cpu, twin)]
    first, second = same
    assert second.utilisation == pytest.approx(first.utilisation, rel=0.05)
    assert second.end_to_end.p50 == pytest.approx(first.end_to_end.p50, rel=0.2), "queues amplify"
    assert second.end_to_end.p95 == pytest.approx(first.end_to_end.p95, rel=0.2)
    assert second.retries == pytest.approx(first.retries, rel=0.25)
    assert second.cost == pytest.approx(first.cost, rel=0.05)


def test_what_is_fitted_is_what_the_pool_was_told(history: Path) -> None:
    cpu = Fleet(pools=Fleet.from_yaml(FLEET).pools[:1])
    parts = {part.type: part for part in fit_fleet(read_history(history), cpu).parts}
    web, report = parts["web"], parts["report"]
    assert web.fit.success == pytest.approx(0.9, abs=0.03)
    kinds = _failures_of(history, "web")
    share = web.fit.errors[ErrorKind.PERMANENT].share
    assert share == pytest.approx(kinds["permanent"] / kinds.total())
    assert share == pytest.approx(0.2, abs=3 * sqrt(0.2 * 0.8 / kinds.total())), "standard errors"
    assert web.fit.cv == pytest.approx(0.8, rel=0.12)
    assert web.fit.mean == pytest.approx(0.1, rel=0.08)
    costs = np.array([1.0, 5.0, 10.0])
    expected = 0.2 + 0.05 * costs
    assert report.fit.mean + report.fit.per_cost * costs == pytest.approx(expected, rel=0.1)
    assert USUAL in parts or set(parts) >= {"web", "report"}


def _failures_of(history: Path, kind: str) -> Counter[str]:
    """How attempts on tasks of that type failed, by kind of error, counted in the log itself."""
    rows = [json.loads(line) for line in history.read_text().splitlines()]
    types = {
        row["task_id"]: row["details"].get("type")
        for row in rows
        if row["event_type"] == "enqueued"
    }
    return Counter(
        row["details"]["error"]
        for row in rows
        if row["details"].get("error") and types[row["task_id"]] == kind
    )


def test_the_report_is_one_file_with_a_plot_for_each_part(
    history: Path, fit: Any, tmp_path: Path
) -> None:
    code, out, _ = fit(str(history), "--pools", "fleet.yaml", "--html", "report.html", "--json")
    found = json.loads(out)
    page = (tmp_path / "report.html").read_text()
    assert code == 0
    fits = [part for part in found["parts"] if part["ks"] is not None]
    assert page.count("<svg") == len(fits) >= 2
    assert page.count("quantiles against quantiles") == len(fits)
    assert not re.search(r"(?:src|href)=\"(?!#)", page), "nothing is fetched"
    assert all(part["ks"] < max(0.05, part["band"]) for part in fits)


@pytest.mark.parametrize(
    ("successes", "told"), [(7, "too few to tell"), (46, "too few"), (47, "good")]
)
def test_a_fit_to_few_successes_is_not_called_good(
    fit: Any, tmp_path: Path, successes: int, told: str
) -> None:
    record(tmp_path / "all.jsonl", count=200)
    rows = (tmp_path / "all.jsonl").read_text().splitlines()
    done = [at for at, row in enumerate(rows) if json.loads(row)["event_type"] == "completed"]
    (tmp_path / "few.jsonl").write_text("\n".join(rows[: done[successes - 1] + 1]) + "\n")
    code, out, _ = fit(
        "few.jsonl", "--pools", "fleet.yaml", "--html", "fit.html", "--law", "lognormal"
    )
    (line,) = [line for line in out.splitlines() if "fast" in line and "lognormal" in line]
    assert code == 0 and told in line
    assert ("good" in line) == (told == "good")
    assert told in (tmp_path / "fit.html").read_text()


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_console_cuts_no_figure_off(
    history: Path, fit: Any, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    found = fit_fleet(read_history(history), Fleet.from_yaml(FLEET))
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = fit(str(history), "--pools", "fleet.yaml")
    assert all(len(line) <= width for line in out.splitlines())
    for law in (part.law for part in found.parts if part.law is not None):
        assert f"{law.ks:.3f} (band {law.band:.3f})" in out
    assert "attempts" in out and "distance" in out and "lognormal, cv" in out


def test_a_law_can_be_asked_for(history: Path, fit: Any) -> None:
    _, out, _ = fit(str(history), "--pools", "fleet.yaml", "--law", "exponential", "--json")
    found = json.loads(out)
    assert {p["fit"].get("law", "exponential") for p in found["parts"]} == {"exponential"}
    assert any("exponential law fits badly" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("nowhere.jsonl",), "TRX-C160: history 'nowhere.jsonl' cannot be read"),
        (("fleet.yaml",), "TRX-C160: 'fleet.yaml' has no row of a schedule log. `trx logs`"),
        (("HISTORY", "--out", "no/such/folder.yaml"), "TRX-C155: 'no/such/folder.yaml'"),
        (("HISTORY", "--pools", "nowhere.yaml"), "TRX-C110"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    history: Path, fit: Any, args: tuple[str, ...], told: str
) -> None:
    code, out, err = fit(*(str(history) if one == "HISTORY" else one for one in args))
    assert (code, out) == (2, "")
    assert told in err and len(err.splitlines()) == 1


def test_nothing_to_fit_is_an_exit_code(history: Path, fit: Any, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(FLEET.replace("name: fast", "name: other"))
    code, out, _ = fit(str(history), "--pools", "other.yaml")
    assert code == 1
    assert "attempts ran on 'fast', which the fleet does not have" in out
