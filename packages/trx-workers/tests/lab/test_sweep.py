"""``trx sweep`` as its users meet it: the grid, its journal, and the front."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import pytest
from policy_author import Author

from trx_core.cli import main
from trx_core.errors import CallerError, TrxError
from trx_workers.lab.account import Account
from trx_workers.lab.grid import Axis, Grid, read_axis
from trx_workers.lab.plan import Plan, Traffic
from trx_workers.lab.sweep import Setting, non_dominated

STEADY = ("--scenario", "steady", "-p", "count=60", "--jobs", "1", "--journal", "kept")
TWO = (*STEADY, "-a", "fifo", "-a", "weighted-score", "--seeds", "2")

ACCOUNT = Account(1, 10, {}, 60, 0, 60, 0, 0, 0, "'acme' (acme-router 0.3.1)")


class Done(NamedTuple):
    """What a command left behind."""

    code: object
    out: str
    err: str


@pytest.fixture
def sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*args: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["sweep", *args])
        return Done(ended.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def author(tmp_path: Path) -> Author:
    for name in ("site", "work"):
        (tmp_path / name).mkdir()
    return Author(tmp_path / "site", tmp_path / "work")


def test_a_fleet_through_a_pipe_is_the_same_when_a_sweep_goes_on(
    sweep: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["pools"])
    fleet = capsys.readouterr().out
    for _ in range(2):
        ahead, behind = os.pipe()
        os.write(behind, fleet.encode())
        os.close(behind)
        done = sweep(*STEADY, "-a", "fifo", "--seeds", "2", "--pools", f"/dev/fd/{ahead}")
        os.close(ahead)
        assert (done.code, done.err) == (0, "")
    assert len(list(Path("kept").glob("*.json"))) == 2 + 1


def test_every_setting_is_run_with_every_seed(sweep: Any) -> None:
    done = sweep(*TWO, "-v", "load=1,2", "-v", "kernel.window=10,100", "--json")
    rows = json.loads(done.out)
    assert (done.code, len(rows), {row["runs"] for row in rows}) == (0, 8, {2})
    settings = [tuple(row["setting"].values()) for row in rows]
    assert len(set(settings)) == 8 and ("fifo", 2, 100) in settings
    assert any(row["on_front"] for row in rows)
    assert len(list(Path("kept").glob("*.json"))) == 16 + 1


def test_an_axis_of_one_algorithm_leaves_the_others_alone(sweep: Any) -> None:
    done = sweep(*STEADY, "-a", "fifo", "-a", "fcfs", "-v", "fcfs.backfill=none,easy", "--json")
    names = [row["setting"]["algorithm"] for row in json.loads(done.out)]
    assert names == ["fifo", "fcfs backfill=none", "fcfs backfill=easy"]


def test_a_parameter_of_one_algorithm_is_no_part_of_another_ones_point(sweep: Any) -> None:
    args = ("-a", "fifo", "-a", "fcfs", "-v", "fcfs.backfill=none,easy", "-v", "load=1,2")
    done = sweep(*STEADY, *args, "--seeds", "1", "--json", "--html", "front.html")
    rows = json.loads(done.out)
    assert [row["setting"] for row in rows] == [
        {"algorithm": "fifo", "load": 1},
        {"algorithm": "fifo", "load": 2},
        {"algorithm": "fcfs backfill=none", "load": 1},
        {"algorithm": "fcfs backfill=none", "load": 2},
        {"algorithm": "fcfs backfill=easy", "load": 1},
        {"algorithm": "fcfs backfill=easy", "load": 2},
    ]
    assert [row["runs"] for row in rows] == [1] * 6
    text = Path("front.html").read_text()
    assert "fifo, load 1" in text and "fifo, backfill" not in text


@pytest.mark.parametrize(
    "algorithms",
    [
        ("-a", "fcfs backfill=none", "-a", "fcfs"),
        ("-a", "fcfs", "-a", "fcfs"),
    ],
)
def test_a_setting_that_is_named_twice_is_run_once(sweep: Any, algorithms: tuple[str, ...]) -> None:
    args = ("-v", "fcfs.backfill=none,easy", "--seeds", "2", "--json")
    rows = json.loads(sweep(*STEADY, *algorithms, *args).out)
    assert [row["setting"]["algorithm"] for row in rows] == [
        "fcfs backfill=none",
        "fcfs backfill=easy",
    ]
    assert [row["runs"] for row in rows] == [2, 2]
    assert len(list(Path("kept").glob("*.json"))) == 4 + 1


def test_what_is_done_is_not_done_again(sweep: Any) -> None:
    first = json.loads(sweep(*TWO, "--json").out)
    cells = [file for file in Path("kept").glob("*.json") if file.name != "grid.json"]
    told = json.loads(cells[0].read_text())
    told["measures"]["cost"] = 1000.0
    cells[0].write_text(json.dumps(told))
    again = json.loads(sweep(*TWO, "--json").out)
    assert max(row["mean"]["cost"] for row in again) > 400, "the kept run is believed"
    for file in cells[:2]:
        file.unlink()
    cells[2].write_text("{")
    mended = json.loads(sweep(*TWO, "--json").out)
    assert [row["mean"]["cost"] for row in mended] == [row["mean"]["cost"] for row in first]


def again(done: CompletedProcess[str]) -> list[str]:
    """What a sweep says that it did again."""
    lines = done.stdout.splitlines()
    return [line for line in lines if line.startswith("Runs of the journal done again")]


def test_a_policy_that_was_edited_is_run_again_and_it_is_said_why(author: Author) -> None:
    author.write("return first_come_first_served(problem)")
    args = ("sweep", *STEADY, "-a", "fifo", "-a", "mine", "--seeds", "2")
    first = author.trx(*args)
    assert (first.returncode, again(first), again(author.trx(*args))) == (0, [], [])
    author.write("raise LookupError('edited')")
    edited = author.trx(*args)
    why = "Runs of the journal done again, since the source of mine (mine-router) has changed: 2."
    assert again(edited) == [why]
    assert edited.returncode == 1 and "every round failed of mine" in edited.stderr
    author.write("return first_come_first_served(problem)")
    author.version("0.3.2")
    released = again(author.trx(*args))
    assert why in released and len(released) == 2
    assert "since the version of mine-router has changed: 2." in " ".join(released)
    assert again(author.trx(*args)) == []


def test_a_module_of_its_own_that_a_policy_imports_belongs_to_it(
    author: Author, tmp_path: Path
) -> None:
    helper = tmp_path / "site/mine_helper.py"
    helper.write_text("WEIGHT = 1\n")
    plugin = tmp_path / "site/mine_plugin.py"
    plugin.write_text("import mine_helper\n" + plugin.read_text())
    author.write("return first_come_first_served(problem)")
    policy = tmp_path / "site/mine_policy.py"
    policy.write_text("from mine_helper import WEIGHT\nimport mine_helper\n" + policy.read_text())
    args = ("sweep", *STEADY, "-a", "mine", "--seeds", "1")
    assert author.trx(*args).returncode == 0
    helper.write_text("WEIGHT = 2\n")
    assert "since the source of mine (mine-router) has changed: 1." in again(author.trx(*args))[0]


def test_a_file_that_a_parameter_names_is_part_of_a_run(author: Author, tmp_path: Path) -> None:
    author.write("return first_come_first_served(problem)")
    weights = tmp_path / "work/weights.txt"
    weights.write_text("1")
    args = ("sweep", *STEADY, "-a", "mine weights=weights.txt", "--seeds", "1")
    assert author.trx(*args).returncode == 0
    assert again(author.trx(*args)) == []
    weights.write_text("2")
    assert "since the file weights.txt has changed: 1." in again(author.trx(*args))[0]


@pytest.mark.parametrize("more", [("-v", "load=1,2"), ("--limit", "9"), ("-a", "greedy")])
def test_a_journal_of_another_grid_is_refused(sweep: Any, more: tuple[str, ...]) -> None:
    assert sweep(*TWO).code == 0
    done = sweep(*TWO, *more)
    assert done.code == 2 and "TRX-C157" in done.err


def test_a_trace_that_has_changed_is_another_grid(sweep: Any) -> None:
    Path("t.csv").write_text("at,type\n0,web\n")
    args = ("--trace", "t.csv", "-a", "fifo", "--jobs", "1", "--journal", "kept")
    assert sweep(*args).code == 0
    Path("t.csv").write_text("at,type\n0,web\n1,web\n")
    assert (
        "TRX-C157: 'kept' is the journal of another grid: it differs in trace" in sweep(*args).err
    )


def test_without_a_name_the_journal_is_named_after_the_grid(sweep: Any) -> None:
    args = ("--scenario", "steady", "-p", "count=20", "-a", "fifo", "--seeds", "1", "--jobs", "1")
    for _ in range(2):
        assert sweep(*args).code == 0
    assert len(list(Path().glob("sweep-*"))) == 1
    assert sweep(*args, "-v", "load=3").code == 0
    assert len(list(Path().glob("sweep-*"))) == 2


def test_other_processes_come_to_the_same(sweep: Any) -> None:
    one = json.loads(sweep(*TWO, "--json").out)
    two = json.loads(sweep(*TWO, "--json", "--journal", "other", "--jobs", "2").out)
    for row in (*one, *two):
        del row["mean"]["decision"], row["standard_deviation"]["decision"]
    assert one == two


def test_the_report_shows_the_front(sweep: Any) -> None:
    assert sweep(*TWO, "--html", "sweep.html", "--short", "7.5").code == 0
    text = Path("sweep.html").read_text()
    assert text.count("<svg") == 1 and "settings are on the front" in text
    assert "a service below 7.5 s counts as" in text


def children(parent: int) -> dict[int, str]:
    """The processes that a process has started: pid → when, by the kernel's count."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and fields[0] != "Z":
                found[int(stat.parent.name)] = fields[19]
    return found


def is_alive(pid: int, since: str) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z" and fields[19] == since


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_no_process_outlives_a_sweep_that_was_killed(tmp_path: Path) -> None:
    args = ("--scenario", "steady", "-p", "count=20000", "-a", "fifo", "-a", "greedy")
    sweep = subprocess.Popen(
        [sys.executable, "-m", "trx_core.cli", "sweep", *args, "--jobs", "2", "--journal", "kept"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = tmp_path / "kept"
    deadline = time.monotonic() + 120
    while len(list(journal.glob("*.json"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    started = children(sweep.pid)
    sweep.kill()
    sweep.wait()
    assert len(started) >= 2, "it had begun"
    while any(is_alive(*one) for one in started.items()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid, since in started.items() if is_alive(pid, since)]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("-v", "load"), "TRX-C156"),
        (("-v", "load=0"), "TRX-C156"),
        (("-v", "load=.inf"), "TRX-C156"),
        (("-v", "load=.nan"), "TRX-C156"),
        (("-v", "load=true"), "TRX-C156"),
        (("-v", "load.x=1"), "TRX-C156"),
        (("-v", "param=1"), "TRX-C156"),
        (("-v", "param.rate="), "TRX-C156"),
        (("-v", "param.rate=1,1"), "TRX-C156"),
        (("-v", "param.rate=[1"), "TRX-C156"),
        (("-v", "greedy.x=1"), "TRX-C156"),
        (("-v", "kernel.window=0"), "TRX-C141"),
        (("-v", "fifo.x=1"), "TRX-C111"),
        (("--x", "joy"), "TRX-C154"),
        (("--backend", "abacus"), "TRX-C150"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    sweep: Any, args: tuple[str, ...], told: str
) -> None:
    done = sweep(*STEADY, "-a", "fifo", *args)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert told in done.err
    assert not Path("kept").exists()


def test_values_are_read_as_yaml() -> None:
    assert read_axis("param.mix=a, 1.5, [x, y]", []) == Axis("param", "mix", ("a", 1.5, ["x", "y"]))


def test_cells_have_keys_of_their_own_that_stay() -> None:
    plan = Plan(Traffic(scenario="steady"), "fifo")
    grid = Grid(plan, [("fifo", {}), ("greedy", {})], [Axis("load", "", (1, 2))], 3)
    keys = [cell.key for cell in grid.cells()]
    assert len(set(keys)) == 12 and keys == [cell.key for cell in grid.cells()]


def test_the_front_minds_which_way_is_better() -> None:
    def setting(cost: float, throughput: float) -> Setting:
        means = {"cost": cost, "throughput": throughput}
        return Setting({"algorithm": f"{cost}"}, means, means, replace(ACCOUNT))

    settings = [setting(1, 5), setting(2, 9), setting(2, 5), setting(3, 8)]
    assert non_dominated(settings, "cost", "throughput") == settings[:2]
    first = replace(settings[0], account=replace(ACCOUNT, fallbacks={"raised": 6}))
    assert non_dominated([first, *settings[1:]], "cost", "throughput") == [settings[1]]


def test_an_algorithm_that_first_come_first_served_stands_in_for_is_told_and_no_point_of_the_front(
    author: Author, tmp_path: Path
) -> None:
    author.write("raise LookupError('no such table')")
    args = ("-a", "fifo", "-a", "mine", "--seeds", "2", "--html", "front.html")
    done = author.trx("sweep", *STEADY, *args)
    assert done.returncode == 1
    assert "TRX-P142: every round failed of mine of 'mine' (mine-router 0.3.1)" in done.stderr
    assert (
        "On the front: 1 of 2 settings" in done.stdout and "the result is not mine's" in done.stdout
    )
    page = (tmp_path / "work/front.html").read_text()
    assert "mine (decided by first come, first served)" in page and "Who decided" in page
    again = author.trx("sweep", *STEADY, *args[:-2], "--json")
    fifo, mine = json.loads(again.stdout)
    assert again.returncode == 1, "kept runs tell it as well"
    assert (fifo["on_front"], mine["on_front"]) == (True, False)
    assert mine["account"]["foreign"] and not fifo["account"]["foreign"]


def test_a_run_that_fails_is_told_and_the_others_are_kept(author: Author, tmp_path: Path) -> None:
    pool = "{name: one, region: here, resource_type: cpu, cost_per_unit: 1, capacity: 9"
    worker = "worker: {kind: tired, params: {after: 2}}}"
    (tmp_path / "work/pools.yaml").write_text(f"pools:\n  - {pool}, {worker}\n")
    args = ("-p", "rate=10", "--pools", "pools.yaml", "-a", "fifo", "-a", "greedy", "--seeds", "1")
    done = author.trx("sweep", *STEADY, *args, "-v", "load=1,100", "--json")
    assert done.returncode == 1
    slow, quick, *_ = rows = json.loads(done.stdout)
    assert [(row["runs"], len(row["failed"])) for row in rows] == [(0, 1), (1, 0)] * 2
    assert "TRX-P130" in slow["failed"][0] and "too tired" in slow["failed"][0]
    assert (slow["on_front"], slow["account"], quick["account"]["left"]) == (False, None, 0)
    assert "No result of a run of fifo, load 1: TRX-P130" in " ".join(done.stderr.split())
    assert len(list((tmp_path / "work/kept").glob("*.json"))) == 1 + 2


def test_tasks_that_are_left_and_rows_that_are_refused_are_told(sweep: Any) -> None:
    Path("t.csv").write_text("at,type,region\n0,web,eu-west\n1,web,atlantis\n")
    args = ("--trace", "t.csv", "-a", "fifo", "--seeds", "1", "--jobs", "1", "--journal", "kept")
    done = sweep(*args)
    assert done.code == 1 and "rows refused" in " ".join(done.out.split())
    (row,) = json.loads(sweep(*args, "--json").out)
    assert (row["account"]["refused"], row["account"]["left"]) == (1, 0)
    clean = sweep(*STEADY[:-1], "other", "-a", "fifo")
    assert clean.code == 0 and "rows refused" not in clean.out


@pytest.mark.parametrize("kind", [TrxError, CallerError])
def test_errors_come_whole_from_another_process(kind: type[TrxError]) -> None:
    error = kind("it broke.", code="TRX-C999", hint="Mend it.")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, "TRX-C999: it broke. Mend it.")
    assert (again.code, again.hint) == ("TRX-C999", "Mend it.")


@pytest.mark.parametrize("columns", ["50", "80", "200"])
def test_its_figures_are_whole_on_every_terminal(
    sweep: Any, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = sweep(*TWO, "-v", "load=1,2", "--seeds", "1")
    rows = json.loads(sweep(*TWO, "-v", "load=1,2", "--seeds", "1", "--json").out)
    for row in rows:
        name = ", ".join(map(str, row["setting"].values()))
        lines = [line for line in done.out.splitlines() if line.strip("* ").startswith(name)]
        told = " ".join(line.split(name)[1] for line in lines)
        assert f"{row['mean']['utilisation'] * 100:.3g} %" in told
        assert len(re.findall(r"[0-9.]+ (?:ms|s)\b", told)) == 2
    assert max(map(len, done.out.splitlines())) <= int(columns)
