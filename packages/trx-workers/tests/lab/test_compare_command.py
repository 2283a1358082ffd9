"""``trx compare`` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as parquet
import pytest

from trx_core.cli import main

STEADY = ("--scenario", "steady", "-p", "count=200", "--jobs", "1")


class Done(NamedTuple):
    """What a command left behind."""

    code: object
    out: str
    err: str

    @property
    def words(self) -> str:
        """Its output without line breaks."""
        return " ".join(self.out.split())


@pytest.fixture
def compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*args: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["compare", *args])
        return Done(ended.value.code, *capsys.readouterr())

    return run


def test_algorithms_are_set_side_by_side(compare: Any) -> None:
    done = compare(*STEADY, "-a", "fifo", "-a", "greedy", "--seeds", "5")
    assert (done.code, done.err) == (0, "")
    for told in (
        "steady, 5 seeds",
        "greedy, against fifo",
        "Paired by seed, 5 runs each",
        "after Holm's correction",
        "cost per task done",
    ):
        assert told in done.words


def test_the_same_algorithm_with_other_parameters_is_another(compare: Any) -> None:
    done = compare(*STEADY, "-a", "fcfs backfill=none", "-a", "fcfs  backfill=easy", "--seeds", "2")
    assert done.code == 0
    assert "fcfs backfill=easy, against fcfs backfill=none" in done.words
    assert "The same in every run: mean wait" in done.words


def test_few_seeds_claim_nothing(compare: Any) -> None:
    done = compare(*STEADY, "-a", "fifo", "-a", "greedy", "--seeds", "2")
    assert "2 seeds are too few" in done.words
    assert "fifo do not differ significantly" not in done.words


def test_seeds_that_make_no_difference_are_not_run(compare: Any) -> None:
    rows = "".join(f"{at},job,1\n" for at in range(30))
    Path("calls.csv").write_text("enqueued_at,type,cost\n" + rows)
    pool = "{name: one, region: here, resource_type: cpu, cost_per_unit: 1, capacity: 2"
    worker = "worker: {kind: deterministic, params: {success_rate: 1.0}}}"
    Path("pools.yaml").write_text(f"pools:\n  - {pool}, {worker}\n")
    args = ("--trace", "calls.csv", "--format", "csv", "--pools", "pools.yaml", "--jobs", "1")
    done = compare(*args, "-a", "fifo", "-a", "fcfs", "--seeds", "9", "--json")
    assert {len(runs) for runs in json.loads(done.out)["runs"].values()} == {2}


def test_another_baseline_may_be_named(compare: Any) -> None:
    args = ("-a", "fifo", "-a", "greedy", "--seeds", "1", "--baseline", "greedy")
    assert "fifo, against greedy" in compare(*STEADY, *args).words


def test_the_result_as_json_is_the_same_every_time(compare: Any) -> None:
    args = (*STEADY, "-a", "fifo", "-a", "greedy", "--seeds", "5", "--json")
    one, two = (json.loads(compare(*args).out) for _ in range(2))
    assert one["comparison"] == two["comparison"]
    assert one["comparison"]["pairings"] == {"greedy": {"paired_by": "seed", "pairs": 5}}
    (cost,) = (row for row in one["comparison"]["algorithms"]["greedy"] if row["measure"] == "cost")
    gaps = [
        two["measures"]["cost"] - one_["measures"]["cost"]
        for one_, two in zip(one["runs"]["fifo"], one["runs"]["greedy"], strict=True)
    ]
    assert cost["difference"] == pytest.approx(sum(gaps) / 5)
    assert cost["low"] <= cost["difference"] <= cost["high"]
    assert [run["seed"] for run in one["runs"]["fifo"]] == [0, 1, 2, 3, 4]


def test_runs_in_other_processes_come_to_the_same(compare: Any) -> None:
    args = ("--scenario", "steady", "-p", "count=80", "-a", "fifo", "-a", "greedy", "--json")
    here, there = (
        json.loads(compare(*args, "--seeds", "2", "--jobs", jobs).out) for jobs in ("1", "2")
    )
    assert here["comparison"] == there["comparison"]


def test_what_is_compared_may_be_chosen(compare: Any) -> None:
    args = ("-a", "fifo", "-a", "greedy", "--seeds", "1", "--measure", "throughput", "--json")
    rows = json.loads(compare(*STEADY, *args).out)["comparison"]["algorithms"]["greedy"]
    assert [row["measure"] for row in rows] == ["throughput"]


def test_the_report_is_one_file_that_needs_nothing_else(compare: Any) -> None:
    args = ("-a", "fifo", "-a", "greedy", "--seeds", "2", "--html", "report.html")
    assert compare(*STEADY, *args).code == 0
    text = Path("report.html").read_text()
    assert text.count("<svg") >= 4 and "</html>" in text
    assert not [mark for mark in ("<script", "<link", "@import", 'src="http') if mark in text]
    assert len(text) < 5_000_000
    ids = [part.split('"')[0] for part in text.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) > 10, "no plot refers to another one's parts"
    for told in ("In short", "Cost against latency", "Use of the pools", "eu-west-cpu"):
        assert told in text
    assert [path.name for path in Path().iterdir()] == ["report.html"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_events_of_every_run_are_in_one_file(compare: Any, jobs: str) -> None:
    args = ("--scenario", "steady", "-p", "count=80", "-a", "fifo", "-a", "fcfs backfill=easy")
    done = compare(*args, "--seeds", "3", "--jobs", jobs, "--out", "events.parquet")
    assert done.code == 0 and "Written: events.parquet." in done.words
    rows = parquet.read_table("events.parquet").to_pylist()
    assert list(rows[0])[:2] == ["algorithm", "seed"] and "decided_by" in rows[0]
    runs = list(dict.fromkeys((row["algorithm"], row["seed"]) for row in rows))
    assert runs == [(name, seed) for name in ("fifo", "fcfs backfill=easy") for seed in range(3)]
    for run in runs:
        mine = [row for row in rows if (row["algorithm"], row["seed"]) == run]
        assert [row["event"] for row in mine].count("enqueued") == 80
        assert [row["time"] for row in mine] == sorted(row["time"] for row in mine)
        deciders = {row["decided_by"] for row in mine if row["event"] == "dispatched"}
        assert deciders == {run[0].split()[0]}
    assert [path.name for path in Path().iterdir()] == ["events.parquet"], "no part is left"


def test_the_events_of_a_run_are_those_of_simulate(compare: Any) -> None:
    args = ("--scenario", "steady", "-p", "count=80", "-a", "fifo")
    compare(*args, "-a", "greedy", "--seeds", "2", "--jobs", "1", "--out", "all.parquet")
    with pytest.raises(SystemExit):
        main(["simulate", *args, "--seed", "1", "--out", "one.parquet"])
    mine = parquet.read_table("all.parquet", filters=[("algorithm", "=", "fifo"), ("seed", "=", 1)])
    alone = parquet.read_table("one.parquet").to_pylist()
    same = mine.drop_columns(["algorithm", "seed"]).rename_columns({"decided_by": "algorithm"})
    assert same.to_pylist() == alone


def test_an_algorithm_that_is_named_twice_is_run_once(compare: Any) -> None:
    args = ("-a", "fifo", "-a", "fifo", "-a", "greedy", "--seeds", "2", "--json")
    runs = json.loads(compare(*STEADY, *args).out)["runs"]
    assert {name: len(each) for name, each in runs.items()} == {"fifo": 2, "greedy": 2}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("-a", "fifo"), "TRX-C152"),
        (("-a", "fifo", "-a", "fifo"), "TRX-C152"),
        (("-a", "fifo", "-a", " "), "TRX-C151"),
        (("-a", "fifo", "-a", "greedy", "--baseline", "x"), "TRX-C153"),
        (("-a", "fifo", "-a", "greedy", "--measure", "joy"), "TRX-C154"),
        (("-a", "fifo", "-a", "nobody"), "TRX-C120"),
        (("-a", "fifo", "-a", "fcfs backfill=perhaps"), "TRX-C111"),
        (("-a", "fifo", "-a", "greedy", "--kernel", "window=0"), "TRX-C141"),
        (("-a", "fifo", "-a", "greedy", "--html", "no/such/dir.html", "--seeds", "1"), "TRX-C155"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    compare: Any, args: tuple[str, ...], told: str
) -> None:
    done = compare(*STEADY, *args)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert told in done.err


@pytest.mark.parametrize(("kind", "told"), [("zork", "TRX-O120"), ("http", "TRX-O121")])
def test_a_fleet_of_strange_workers_is_found_before_the_first_run(
    compare: Any, kind: str, told: str
) -> None:
    fleet = "pools: [{name: p, region: eu, resource_type: cpu, cost_per_unit: 1, capacity: 1, "
    Path("fleet.yaml").write_text(f"{fleet}worker: {{kind: {kind}}}}}]")
    done = compare(*STEADY, "-a", "fifo", "-a", "greedy", "--pools", "fleet.yaml")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"{told}: pool 'p' has workers of kind {kind!r}")
