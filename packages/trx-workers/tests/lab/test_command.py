"""``trx simulate`` as its users meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as parquet
import pytest
from lab_bench import PROVIDER, named

from trx_core.cli import main
from trx_core.engine import NamedCollector
from trx_core.models import LogEntry
from trx_core.routing import Decision, RoutingProblem
from trx_workers.lab import command, plan

FLEET = """
pools:
  - name: only
    region: eu
    resource_type: cpu
    cost_per_unit: 2
    capacity: 2
    worker: {kind: lognormal, params: {mean: 1.0, cv: 0, success_rate: 1}}
"""
TRACE = """\
at,type,priority,cost
0,web,5,1
soon,web,5,1
0.5,web,11,1
1,web,5,3
1.5,,5,1
2,web,5,1
"""
STRANGE = """\
at,type,priority,cost,region,resource_type,slots
0,web,5,1,eu,,1
1,web,5,1,atlantis,,1
2,web,5,cheap,eu,,1
3,web,5,1,,tpu,1
4,web,5,1,atlantis,tpu,9
5,web,5,1,,,9
6,web,5,1,,cpu,2
"""


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
def simulate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run the command in a folder with a trace and a fleet."""
    (tmp_path / "trace.csv").write_text(TRACE)
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "header.csv").write_text("at,type\n")
    (tmp_path / "binary.csv").write_bytes(b"\0\1\2\3" * 100)
    (tmp_path / "other.csv").write_text("alpha,beta\n1,2\n")
    (tmp_path / "bad.yaml").write_text("pools:\n  - {name: a, capacity: -1}\n")
    (tmp_path / "dear.yaml").write_text(FLEET.replace("cost_per_unit: 2", "cost_per_unit: -2"))
    (tmp_path / "broken.yaml").write_text("pools: [")
    (tmp_path / "strange.yaml").write_text(FLEET.replace("lognormal", "quantum"))
    (tmp_path / "real.yaml").write_text(FLEET.replace("lognormal", "http"))
    (tmp_path / "wrong.yaml").write_text(FLEET.replace("mean: 1.0", "mean: -1"))
    (tmp_path / "drained.yaml").write_text(FLEET.replace("capacity: 2", "capacity: 0"))
    (tmp_path / "strange.csv").write_text(STRANGE)
    (tmp_path / "tpu.csv").write_text("at,type,resource_type\n0,web,tpu\n0,web,\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["simulate", *args])
        return Done(ended.value.code, *capsys.readouterr())

    return run


def test_a_scenario_runs_and_is_summed_up(simulate: Any) -> None:
    done = simulate("--scenario", "steady", "-p", "count=50", "--algorithm", "fifo")
    assert (done.code, done.err) == (0, "")
    for told in ("steady, seed 0, fifo, in virtual time", "eu-west-cpu", "rounds decided in"):
        assert told in done.words


def test_the_result_as_json_is_all_that_is_on_stdout(simulate: Any) -> None:
    done = simulate("--trace", "trace.csv", "--pools", "fleet.yaml", "--json", "-a", "fifo")
    assert (done.code, done.err) == (0, "")
    result = json.loads(done.out)
    assert result["summary"]["tasks"]["completed"] == 3
    assert result["summary"]["cost_money"] == 2 * (1 + 3 + 1)
    assert result["summary"]["span_seconds"] == 3.0
    assert result["summary"]["algorithms"] == {"fifo": 3}
    assert (result["unplaced"], result["fallbacks"]) == (0, {})
    assert [pool["name"] for pool in result["summary"]["pools"]] == ["only"]
    assert result["malformed_rows"] == 3
    assert [row["line"] for row in result["malformed_first"]] == [3, 4, 6]


def test_every_malformed_row_is_listed_as_json(simulate: Any, tmp_path: Path) -> None:
    trace = tmp_path / "torn.csv"
    trace.write_text(
        "at,type\n0,a\n"
        + "soon,a\n" * 8
        + "1,a\n"
        + "".join(f"later{number},a\n" for number in range(1500))
    )
    result = json.loads(simulate("--trace", str(trace), "--json").out)
    listed = [(row["line"], row["reason"]) for row in result["malformed_listed"]]
    assert result["malformed_rows"] == 1508
    assert [line for line, _ in listed] == [*range(3, 11), *range(12, 12 + 992)]
    assert listed[9][1].startswith("at: 'later1' is not a number")
    assert result["refused_listed"] == []


def test_malformed_rows_are_told_by_line_and_the_rest_is_run(simulate: Any) -> None:
    done = simulate("--trace", "trace.csv", "--pools", "fleet.yaml")
    assert done.code == 0
    assert "Rows that could not be read: 3 (line 3: at: 'soon'" in done.words
    assert "line 4: priority: " in done.words
    assert "line 6: type: " in done.words


def test_a_limit_ends_it_early(simulate: Any) -> None:
    done = simulate("--trace", "trace.csv", "--limit", "1", "--json")
    result = json.loads(done.out)
    assert result["summary"]["tasks"]["accepted"] == 1
    assert result["malformed_rows"] == 0, "what comes after is not read"


def figures(done: Done) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(done.out)
    return {k: v for k, v in result.items() if not k.endswith("_seconds")}


def test_the_same_seed_gives_the_same_run(simulate: Any) -> None:
    args = ("--scenario", "steady", "-p", "count=60", "--json", "--seed")
    one, again, other = (figures(simulate(*args, seed)) for seed in ("1", "1", "2"))
    assert one == again != other


def test_parameters_of_the_scenario_are_taken(simulate: Any) -> None:
    mix = "mix={only: {slots: 2, priorities: {10: 1}}}"
    done = simulate("--scenario", "steady", "-p", "count=7", "-p", mix, "--json")
    tasks = json.loads(done.out)["summary"]["tasks"]
    assert (tasks["accepted"], tasks["open"]) == (7, 0)


def test_parameters_of_the_kernel_are_taken_and_nonsense_is_refused(simulate: Any) -> None:
    args = ("--scenario", "steady", "-p", "count=60", "-p", "rate=1000", "--json", "--kernel")
    often, seldom = (figures(simulate(*args, f"min_interval={s}"))["rounds"] for s in (0, 0.5))
    assert often > seldom
    refused = simulate(*args, "windows=3")
    assert (refused.code, "TRX-C141" in refused.err) == (2, True)
    assert "min_interval" in refused.err


def test_tasks_that_no_pool_would_take_are_told(simulate: Any) -> None:
    done = simulate("--trace", "trace.csv", "--pools", "drained.yaml")
    assert done.code == 1
    assert "Tasks left that no pool would take: 3 (3: every pool is drained)." in done.words
    told = json.loads(simulate("--trace", "trace.csv", "--pools", "drained.yaml", "--json").out)
    assert (told["unplaced"], told["unplaced_why"]) == (3, {"every pool is drained": 3})


def test_what_the_service_would_refuse_is_refused_and_the_rest_is_run(simulate: Any) -> None:
    args = ("--trace", "strange.csv", "--pools", "fleet.yaml")
    done = simulate(*args)
    assert done.code == 1
    assert (
        "Rows that were refused: 4 "
        "(2 from line 3: region: no pool stands in 'atlantis'; known regions: eu; "
        "line 5: resource_type: no pool is made of 'tpu'; there is: cpu; "
        "line 7: slots: the largest pool has 2)."
    ) in done.words
    result = json.loads(simulate(*args, "--json").out)
    assert (result["refused_rows"], result["malformed_rows"], result["unplaced"]) == (4, 1, 0)
    assert [alike["rows"] for alike in result["refused_first"]] == [2, 1, 1]
    tasks = result["summary"]["tasks"]
    assert (tasks["accepted"], tasks["completed"]) == (2, 2)


def test_an_algorithm_that_failed_is_told_with_its_rounds(
    simulate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def route(problem: RoutingProblem) -> Decision:
        return Decision([7] * len(problem.tasks))

    monkeypatch.setattr(plan, "make_algorithm", lambda *_, **__: named(route, name="wild"))
    done = simulate(*STEADY, "-p", "count=40", "-p", "rate=1", "--seed", "5")
    assert done.code == 1 and "TRX-P142: every round failed of greedy of 'acme'" in done.err
    decided = (
        "Rounds that first-come-first-served decided because wild of 'acme' (acme-router 0.3.1) "
    )
    assert f"{decided}broke its contract: " in done.words
    assert f"{decided}was left alone after failing: " in done.words
    assert "fallback-fifo" in done.words
    result = json.loads(simulate(*STEADY, "-p", "count=40", "--json").out)
    assert result["fallbacks_by_plugin"] == {PROVIDER: sum(result["fallbacks"].values())}


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_where_an_algorithm_raised_is_told_to_who_asks(
    simulate: Any, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    def route(problem: RoutingProblem) -> Decision:
        return Decision([len(problem.tasks) // 0])

    monkeypatch.setattr(plan, "make_algorithm", lambda *_, **__: named(route, name="wild"))
    given = (*STEADY, "-p", "count=40", *more)
    assert "Traceback" not in simulate(*given).err
    done = simulate("--traceback", *given)
    assert (done.code, done.err.splitlines()[-1][:8]) == (1, "TRX-P142")
    assert "Traceback" not in done.out
    assert done.err.count("return Decision([len(problem.tasks) // 0])") == 1
    assert f'"{__file__}", line' in done.err


def test_an_algorithm_that_hangs_is_told_with_its_rounds(
    simulate: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def route(problem: RoutingProblem) -> Decision:
        while True:
            pass

    monkeypatch.setattr(plan, "make_algorithm", lambda *_, **__: named(route, name="stuck"))
    done = simulate(*STEADY, "-p", "count=9", "-p", "rate=99", "--budget", "0.05")
    assert done.code == 1 and "TRX-P142: every round failed of greedy of 'acme'" in done.err
    assert (
        "Rounds that first-come-first-served decided because stuck of 'acme' (acme-router 0.3.1) "
        "took too long: "
    ) in done.words
    assert f"'stuck' ({PROVIDER}) took too long: no decision within 0.05 s." in caplog.messages[0]
    refused = simulate(*STEADY, "--budget", "0")
    assert (refused.code, "--budget" in refused.err) == (2, True)


def test_collectors_are_fed_the_whole_log_and_their_numbers_are_told(
    simulate: Any, tmp_path: Path
) -> None:
    some = (*STEADY, "-p", "count=50", "-a", "fifo")
    lines_file = ("--collector", "jsonl:path=log.jsonl,append=false")
    done = simulate(*some, *lines_file)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert f"jsonl: {len(lines)}" in done.words
    assert sum(line["event_type"] == "enqueued" for line in lines) == 50
    ended = {line["task_id"] for line in lines if line["event_type"] == "completed"}
    result = json.loads(simulate(*some, *lines_file, "--json").out)
    assert len(ended) == result["summary"]["tasks"]["completed"]
    assert result["collectors"] == {"jsonl": {"numbers": len(lines), "lost": {}}}


@pytest.mark.parametrize(
    ("text", "code"), [("no-such", "TRX-C120"), ("jsonl:x=1", "TRX-C111"), ("jsonl:x", "TRX-C122")]
)
def test_a_collector_that_is_not_there_is_told(simulate: Any, text: str, code: str) -> None:
    done = simulate(*STEADY, "--collector", text)
    assert (done.code, done.err[:8]) == (2, code)


def test_a_collector_that_fails_spoils_no_run(
    simulate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def observe(self, entries: Sequence[LogEntry]) -> None:
            raise LookupError("no such gauge")

    broken = NamedCollector("broken", PROVIDER, Broken())
    monkeypatch.setattr(command, "make_collector", lambda *_: broken)
    done = simulate(*STEADY, "-p", "count=50", "--collector", "broken")
    assert done.code == 0
    assert f"Entries lost to broken of {PROVIDER} (raised): " in done.words


class Numbered:
    def __init__(self, numbers: Any) -> None:
        self._numbers = numbers

    def observe(self, entries: Sequence[LogEntry]) -> None:
        """Take in nothing."""

    def numbers(self) -> Any:
        return self._numbers() if callable(self._numbers) else self._numbers


def circle() -> Any:
    found: dict[str, Any] = {}
    found["itself"] = found
    return found


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (lambda: sys.exit(4), "SystemExit: 4"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (circle, "Circular reference"),
        ({"latest": object()}, "a value of type object is no JSON"),
        ({(1, object()): 1}, "cannot be read"),
    ],
)
def test_numbers_that_cannot_be_told_are_blamed_and_the_rest_is_told(
    simulate: Any, monkeypatch: pytest.MonkeyPatch, numbers: Any, told: str
) -> None:
    some = {
        name: NamedCollector(name, PROVIDER, Numbered(given), numbers="numbers")
        for name, given in {"broken": numbers, "sound": 7}.items()
    }
    monkeypatch.setattr(command, "make_collector", lambda _, name, params: some[name])
    given = (*STEADY, "-p", "count=9", "--collector", "broken", "--collector", "sound")
    done = simulate(*given)
    assert done.code == 0
    assert f"TRX-P152: the numbers of metric collector 'broken' ({PROVIDER})" in done.words
    assert "sound: 7" in done.words
    done = simulate(*given, "--json")
    result = json.loads(done.out)["collectors"]
    assert result["sound"] == {"numbers": 7, "lost": {}}
    assert result["broken"]["numbers"] is None and told in result["broken"]["fault"]
    assert "TRX-P152" in done.err


def test_numbers_of_numpy_are_numbers_and_what_is_none_is_null(
    simulate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"mean": float("nan"), "count": np.int64(3), "by_pool": np.ones(2), "share": 0.5}
    made = NamedCollector("sound", PROVIDER, Numbered(given), numbers="numbers")
    monkeypatch.setattr(command, "make_collector", lambda *_: made)
    done = simulate(*STEADY, "-p", "count=9", "--collector", "sound", "--json")
    found = {"mean": None, "count": 3, "by_pool": [1.0, 1.0], "share": 0.5}
    assert json.loads(done.out)["collectors"]["sound"]["numbers"] == found


def test_a_trace_without_a_task_is_no_success(simulate: Any) -> None:
    done = simulate("--trace", "header.csv")
    assert done.code == 1
    assert "There was no task." in done.words


STEADY = ("--scenario", "steady")


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        ((), 2, "TRX-C140: the traffic is not clear. Name a --trace or a --scenario."),
        ((*STEADY, "--trace", "trace.csv"), 2, "TRX-C140"),
        (("--trace", "nowhere.csv"), 2, "TRX-C130: 'nowhere.csv' does not exist"),
        (("--trace", "folder"), 2, "TRX-C130: 'folder' is a directory"),
        (("--trace", "empty.csv"), 2, "TRX-C130: 'empty.csv' is empty"),
        (("--trace", "binary.csv"), 2, "TRX-C131: binary.csv is not text"),
        (("--trace", "other.csv"), 2, "TRX-C131: other.csv begins with 'alpha,beta'"),
        (("--trace", "trace.csv", "--format", "swiff"), 2, "TRX-C133: there is no trace format"),
        (("--trace", "trace.csv", "-p", "speed=2"), 2, "TRX-C135"),
        (("--scenario", "stedy"), 2, "there is no scenario 'stedy'. Did you mean 'steady'"),
        ((*STEADY, "-p", "rate=0"), 2, "TRX-C111: 'steady'"),
        ((*STEADY, "-p", "rate"), 2, "TRX-C122: 'rate' is not a parameter"),
        ((*STEADY, "-a", "gredy"), 2, "there is no algorithm 'gredy'. Did you mean 'greedy'"),
        ((*STEADY, "--algorithm-param", "depth=2"), 2, "TRX-C111: 'greedy'"),
        ((*STEADY, "--column", "type=kind"), 2, "TRX-C144: --column type=kind says which column"),
        ((*STEADY, "--load", "inf"), 2, "TRX-C158: --load takes a number of at least 1e-06 and"),
        ((*STEADY, "--load", "nan"), 2, "TRX-C158: --load takes a number"),
        ((*STEADY, "--load", "-1"), 2, "TRX-C158: --load takes a number"),
        ((*STEADY, "--short", "nan"), 2, "TRX-C158: --short takes a number"),
        ((*STEADY, "--budget", "nan"), 2, "TRX-C158: --budget takes a number of at least 0.001,"),
        ((*STEADY, "--pools", "dear.yaml"), 2, "fleet: pools.0.cost_per_unit: Input should be gr"),
        ((*STEADY, "--pools", "nowhere.yaml"), 2, "TRX-C110: fleet file 'nowhere.yaml' cannot"),
        ((*STEADY, "--pools", "folder"), 2, "TRX-C110: fleet file 'folder' cannot be read"),
        ((*STEADY, "--pools", "bad.yaml"), 2, "pools.0.capacity: "),
        ((*STEADY, "--pools", "broken.yaml"), 2, "TRX-C110: broken.yaml is not YAML: "),
        ((*STEADY, "--pools", "strange.yaml"), 2, "TRX-O120: pool 'only' has workers of kind"),
        ((*STEADY, "--pools", "real.yaml"), 2, "TRX-O121: pool 'only' has workers of kind 'http'"),
        ((*STEADY, "--pools", "wrong.yaml"), 2, "TRX-C111: 'lognormal'"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    simulate: Any, args: tuple[str, ...], code: int, told: str
) -> None:
    done = simulate(*args)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert "after validation" not in done.err, "one mistake is told once"
    assert len(done.err.splitlines()) == 1
    assert "TRX-X900" not in done.err


POOL = """
pools:
  - name: only
    region: eu
    resource_type: cpu
    cost_per_unit: 2
    capacity: {capacity}
    worker: {{kind: lognormal, params: {{{params}}}}}
"""


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ("queue: 4", "queue: 4 leaves no slot of 4 to serve; take 0 to 3."),
        ("queue: 100", "queue: 100 leaves no slot of 4 to serve; take 0 to 3."),
        ("elastic: {min: 10}", "elastic.min: 10 is more than the capacity; take 1 to 4."),
    ],
)
@pytest.mark.parametrize(
    "name", [("simulate",), ("compare", "-a", "greedy"), ("sweep", "--journal", "kept")]
)
def test_what_a_pool_of_its_capacity_cannot_have_is_named(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: tuple[str, ...],
    params: str,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(POOL.format(capacity=4, params=params))
    with pytest.raises(SystemExit) as ended:
        main([*name, *STEADY, "-a", "fifo", "--pools", "f.yaml"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "TRX-C111: pool 'only' of capacity 4 does not take these parameters of its worker: "
        f"{told} See `trx plugins show lognormal`.\n"
    )
    assert not Path("kept").exists()


@pytest.mark.parametrize(
    ("capacity", "params"), [(4, "queue: 3"), (4, "elastic: {min: 4}"), (0, "queue: 4")]
)
def test_what_it_just_can_have_and_what_a_drained_one_has_is_taken(
    simulate: Any, capacity: int, params: str
) -> None:
    Path("f.yaml").write_text(POOL.format(capacity=capacity, params=params))
    assert "TRX-C111" not in simulate(*STEADY, "--pools", "f.yaml").err


def test_a_limit_of_nothing_is_refused(simulate: Any) -> None:
    done = simulate(*STEADY, "--limit", "0")
    assert done.code == 2
    assert "--limit" in done.err


def test_help_tells_every_option(simulate: Any) -> None:
    done = simulate("--help")
    assert done.code == 0
    for option in ("--trace", "--scenario", "--pools", "--algorithm", "--seed", "--json"):
        assert option in done.out


def test_a_process_of_its_own_writes_json_that_parses(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trx_core.cli", "simulate", *STEADY, "-p", "count=9", "--json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["summary"]["tasks"]["accepted"] == 9
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


@pytest.mark.parametrize(
    ("command", "more"),
    [("simulate", ()), ("compare", ("-a", "greedy", "--seeds", "2", "--jobs", "2"))],
)
def test_a_fleet_may_come_through_a_pipe(
    tmp_path: Path, command: str, more: tuple[str, ...]
) -> None:
    asked = (command, "-a", "fifo", *more, *STEADY, "-p", "count=9", "--pools", "/dev/stdin")
    done = subprocess.run(
        [sys.executable, "-m", "trx_core.cli", *asked, "--json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        input=FLEET.replace("region: eu", "region: eu-west"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"name": "only"' in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


def test_the_report_of_a_run_is_one_file(simulate: Any) -> None:
    args = ("--trace", "trace.csv", "--pools", "fleet.yaml", "--html", "run.html")
    assert simulate(*args).code == 0
    text = Path("run.html").read_text()
    assert text.count("<svg") == 3 and "trace.csv, greedy" in text and "In short" not in text


def test_events_are_written_as_parquet(simulate: Any) -> None:
    args = (
        "--trace",
        "trace.csv",
        "--pools",
        "fleet.yaml",
        "-a",
        "fifo",
        "--out",
        "events.parquet",
    )
    assert simulate(*args).code == 0
    rows = parquet.read_table("events.parquet").to_pylist()
    assert [row["event"] for row in rows].count("completed") == 3
    (third,) = (row for row in rows if row["event"] == "enqueued" and row["time"] == 1.0)
    mine = [row for row in rows if row["task"] == third["task"]]
    assert (third["size"], third["cost"], third["priority"]) == (3.0, None, 5)
    assert [(row["event"], row["time"], row["cost"]) for row in mine] == [
        ("enqueued", 1.0, None),
        ("dispatched", 1.0, None),
        ("completed", 2.0, 6.0),
    ]
    assert {row["algorithm"] for row in mine[1:]} == {"fifo"}
    assert not list(Path().glob(".*")), "no draft is left"


def test_regret_and_load_may_be_asked_for(simulate: Any) -> None:
    args = ("--trace", "trace.csv", "--pools", "fleet.yaml", "--regret", "--json", "--load", "2")
    result = json.loads(simulate(*args).out)
    assert result["regret_per_round_money"]["mean"] < 1e-9
    assert result["summary"]["span_seconds"] == 2.0


def test_the_reasons_of_an_algorithm_stand_below_it(simulate: Any) -> None:
    args = ("--trace", "trace.csv", "--pools", "fleet.yaml", "-a", "min-cost-flow")
    told = simulate(*args).words.partition("Decided by")[2]
    line = (
        "Rounds that min-cost-flow gave a reason for: 3 "
        "3 rounds: no pool is congested; last in round 3, at 2.0 s"
    )
    assert line in told and told.index(line) < told.index("of virtual time")
    calm = {"rounds": 3, "last": "no pool is congested", "round": 3, "at": 2.0, "highest": None}
    reasons = {
        "min-cost-flow": {"rounds": 3, "last": calm["last"], "said": [calm], "other": 0},
    }
    assert json.loads(simulate(*args, "--json").out)["reasons"] == reasons
    quiet = simulate(*args[:4], "-a", "greedy", "--json")
    assert json.loads(quiet.out)["reasons"] == {}


def test_a_pool_that_was_congested_is_named_though_the_last_round_was_calm(simulate: Any) -> None:
    rows = "".join(f"{at / 10},web,{at % 9 + 1}\n" for at in range(40))
    Path("crowd.csv").write_text(f"at,type,cost\n{rows}100,web,1\n")
    args = ("--trace", "crowd.csv", "--pools", "fleet.yaml", "-a", "min-cost-flow", "--json")
    told = json.loads(simulate(*args).out)["reasons"]["min-cost-flow"]
    assert told["last"] == "no pool is congested"
    (one,) = (one for one in told["said"] if "is congested: shadow price" in one["last"])
    assert 1 < one["rounds"] < told["rounds"]
    assert one["highest"] >= float(one["last"].rpartition(" ")[2]) > 0
    assert one["at"] < 100.0


def test_what_cannot_be_written_is_refused(simulate: Any) -> None:
    for option in ("--html", "--out"):
        done = simulate("--trace", "trace.csv", option, "no/such/folder/file")
        assert (done.code, done.err.count("\n")) == (2, 1) and "TRX-C155" in done.err
