"""What the lab says of algorithms that first-come-first-served stood in for, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from policy_author import Author

from trx_workers.reporting.plots import Point, with_front

STEADY = ("--scenario", "steady", "-p", "count=200", "-p", "rate=60", "--jobs", "1")
RAISES = "raise LookupError('no such table')"
OWN = "return first_come_first_served(problem)"
NOWHERE = "return Decision([99] * len(problem.tasks))"
MOSTLY = f"""
    if self.round > 2:
        {RAISES}
    {OWN}
"""
SELDOM = f"""
    if self.round == 2:
        {RAISES}
    {OWN}
"""


@pytest.fixture
def author(tmp_path: Path) -> Author:
    for name in ("site", "work"):
        (tmp_path / name).mkdir()
    return Author(tmp_path / "site", tmp_path / "work")


def words(done: CompletedProcess[str]) -> str:
    """Its output without line breaks."""
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("order", [("mine", "greedy"), ("greedy", "mine")])
def test_nothing_is_claimed_of_an_algorithm_that_failed_every_round(
    author: Author, tmp_path: Path, order: tuple[str, str]
) -> None:
    author.write(RAISES)
    algorithms = [word for name in order for word in ("-a", name)]
    done = author.trx("compare", *STEADY, *algorithms, "--seeds", "5", "--html", "report.html")
    assert done.returncode == 1
    assert "better" not in done.stdout and "worse" not in done.stdout
    assert "First come, first served decided 100.0 % of the" in words(done)
    assert "the result is not mine's" in words(done)
    assert "mine (decided by first come, first served)" in words(done)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("TRX-P142")]
    assert "every round failed of mine of 'mine' (mine-router 0.3.1) (raised in" in line
    page = (tmp_path / "work/report.html").read_text()
    assert "the result is not mine&#39;s" in page and "Who decided, and what was left" in page
    assert ">better<" not in page and ">worse<" not in page


@pytest.mark.parametrize(
    ("body", "more", "blame"),
    [
        (RAISES, (), "raised"),
        (NOWHERE, (), "broke_contract"),
        ("time.sleep(1)\n" + OWN, ("--budget", "0.1"), "overran"),
    ],
)
def test_fallbacks_are_counted_by_what_went_wrong(
    author: Author, body: str, more: tuple[str, ...], blame: str
) -> None:
    author.write(body)
    done = author.trx(
        "compare", *STEADY, "-a", "fifo", "-a", "mine", "--seeds", "2", "--json", *more
    )
    assert done.returncode == 1 and "TRX-P142" in done.stderr
    accounts = json.loads(done.stdout)["comparison"]["accounts"]
    mine, fifo = accounts["mine"], accounts["fifo"]
    assert mine["fallbacks"][blame] > 0 and sum(mine["fallbacks"].values()) == mine["rounds"]
    assert mine["foreign"] and mine["placed_by_fallback"] == mine["placed"] == 400
    assert (fifo["fallbacks"], fifo["foreign"], fifo["left"], fifo["refused"]) == ({}, False, 0, 0)
    rows = json.loads(done.stdout)["comparison"]["algorithms"]["mine"]
    assert {row["verdict"] for row in rows} <= {"no claim", "the same"}


def test_an_algorithm_that_mostly_failed_is_first_come_first_served(author: Author) -> None:
    author.write(MOSTLY)
    done = author.trx("compare", *STEADY, "-a", "greedy", "-a", "mine", "--seeds", "5")
    assert done.returncode == 0, "it decided some rounds, and every task ended"
    assert "the result is not mine's" in words(done) and "better" not in done.stdout


def test_an_algorithm_that_seldom_failed_is_judged_and_told(author: Author) -> None:
    author.write(SELDOM)
    done = author.trx("compare", *STEADY, "-a", "greedy", "-a", "mine", "--seeds", "5")
    assert done.returncode == 0
    assert "rounds of mine, which raised in 5." in words(done)
    assert "mine is worse than greedy" in words(done) or "mine is better" in words(done)


def test_an_algorithm_that_holds_everything_leaves_tasks_and_is_told(author: Author) -> None:
    author.write("return Decision([-1] * len(problem.tasks))")
    done = author.trx("compare", *STEADY, "-a", "fifo", "-a", "mine", "--seeds", "1", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["comparison"]["accounts"]["mine"]["left"] == 200


def test_refused_rows_are_told_for_each_algorithm(author: Author, tmp_path: Path) -> None:
    rows = "0,web,eu-west\n" * 30 + "1,web,atlantis\n" * 2
    (tmp_path / "work/some.csv").write_text("at,type,region\n" + rows)
    author.write(OWN)
    done = author.trx("compare", "--trace", "some.csv", "-a", "fifo", "-a", "mine", "--json")
    assert done.returncode == 1
    accounts = json.loads(done.stdout)["comparison"]["accounts"]
    assert {account["refused"] / account["runs"] for account in accounts.values()} == {2.0}


def test_the_front_is_of_algorithms_that_decided_themselves() -> None:
    points = [Point("a", 1, 5), Point("mine", 1, 1, own=False), Point("b", 5, 1), Point("c", 5, 6)]
    assert [point.label for point in with_front(points) if point.best] == ["a", "b"]


def test_simulate_fails_too_when_every_round_did(author: Author) -> None:
    author.write(RAISES)
    done = author.trx("simulate", *STEADY[:-2], "-a", "mine")
    assert done.returncode == 1 and "TRX-P142: every round failed of mine" in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_fails_ends_a_comparison_and_leaves_no_events(
    author: Author, tmp_path: Path, jobs: str
) -> None:
    pool = "{name: one, region: here, resource_type: cpu, cost_per_unit: 1, capacity: 9"
    worker = "worker: {kind: tired, params: {after: 2}}}"
    (tmp_path / "work/pools.yaml").write_text(f"pools:\n  - {pool}, {worker}\n")
    args = ("-a", "fifo", "-a", "greedy", "--pools", "pools.yaml", "--out", "events.parquet")
    done = author.trx("compare", *STEADY[:-1], jobs, *args, "--seeds", "2")
    assert (done.returncode, done.stdout) == (1, "")
    assert "TRX-P130" in done.stderr and "too tired" in done.stderr
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["pools.yaml"]
