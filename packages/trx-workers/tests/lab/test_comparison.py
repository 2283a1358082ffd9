"""What may be claimed of a difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from trx_core.plugins import load_plugins
from trx_workers.lab.bootstrap import adjacent, holm, paired
from trx_workers.lab.comparison import Unit, Verdict, compare
from trx_workers.lab.finding import Finding, find
from trx_workers.lab.plan import Plan, Traffic
from trx_workers.lab.wording import basis, findings, notes, nothing

Floats = NDArray[np.float64]
REGISTRY = load_plugins()
PLAN = Plan(Traffic(scenario="steady", params={"count": 300}), "fifo")


@pytest.fixture(scope="module")
def finding() -> Finding:
    return find(PLAN, REGISTRY)


def runs(finding: Finding, means: list[float], name: str = "wait_mean") -> list[Finding]:
    """The same finding with other values of one measure, one per seed."""
    return [
        replace(
            finding,
            plan=replace(finding.plan, seed=seed),
            measures={**finding.measures, name: mean},
        )
        for seed, mean in enumerate(means)
    ]


def without(finding: Finding, name: str) -> Finding:
    """The same run as if it had no value of a measure."""
    left = {key: value for key, value in finding.measures.items() if key != name}
    return replace(finding, measures=left)


@pytest.mark.parametrize("size", [5, 10, 20])
@pytest.mark.parametrize("skewed", [False, True])
def test_intervals_hold_their_level(size: int, skewed: bool) -> None:
    rng, held, trials = np.random.default_rng(size), 0, 400
    for _ in range(trials):
        sample = rng.exponential(1.0, size) if skewed else rng.normal(1.0, 1.0, size)
        interval = paired(sample, rng, resamples=999)
        assert interval is not None
        held += interval.low <= 1.0 <= interval.high
    assert held / trials > (0.87 if skewed else 0.92)


def test_the_interval_and_its_p_value_agree() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        interval = paired(rng.normal(0.6, 1.0, 10), rng, resamples=999)
        assert interval is not None
        outside = interval.low > 0 or interval.high < 0
        assert outside == (interval.p <= 0.05) or 0.045 < interval.p < 0.06


@pytest.mark.parametrize(
    "differences",
    [
        [],
        [2.0],
        [2.0] * 5,
        [0.0] * 5,
        [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3],
        [1.0, 2.0, 3.0, 4.0, np.nan],
        [1.0, 2.0, 3.0, 4.0, np.inf],
        [0.0, 0.0, 0.0, 0.0, 7.0],
    ],
)
@pytest.mark.filterwarnings("error")
def test_differences_that_do_not_tell_what_chance_does_give_no_interval(
    differences: list[float],
) -> None:
    assert paired(np.array(differences), np.random.default_rng(1)) is None


def test_holms_values_are_those_of_the_book() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_neighbours_that_follow_each_other_are_seen() -> None:
    assert adjacent(np.arange(20.0)) > 0.8
    assert abs(adjacent(np.tile([1.0, -1.0], 10)) + 0.95) < 1e-9
    assert adjacent(np.ones(20)) == 0.0


def test_a_clear_difference_is_claimed_and_chance_is_not(finding: Finding) -> None:
    rng = np.random.default_rng(3)
    common = rng.normal(100.0, 20.0, 12)
    found = {
        "a": runs(finding, (common + rng.normal(0, 1, 12)).tolist()),
        "b": runs(finding, (common - 9 + rng.normal(0, 1, 12)).tolist()),
        "c": runs(finding, (common + 9 + rng.normal(0, 1, 12)).tolist()),
        "d": runs(finding, (common + rng.normal(0, 1, 12)).tolist()),
    }
    compared = compare(found, "a", measures=["wait_mean"])
    assert (set(compared.pairings.values()), compared.family) == ({(Unit.SEED, 12)}, 3)
    verdicts = {name: rows[0].verdict for name, rows in compared.differences.items()}
    assert verdicts == {"b": Verdict.BETTER, "c": Verdict.WORSE, "d": Verdict.UNCERTAIN}
    (row,) = compared.differences["b"]
    assert row.interval is not None and row.difference is not None
    assert row.interval.low < row.difference < row.interval.high < 0


def test_more_of_a_good_thing_is_better(finding: Finding) -> None:
    found = {
        "a": runs(finding, [1.0, 1.1, 1.2, 1.1, 1.0, 1.1], "throughput"),
        "b": runs(finding, [2.0, 2.1, 2.3, 2.1, 2.1, 2.2], "throughput"),
    }
    (row,) = compare(found, "a", measures=["throughput"]).differences["b"]
    assert row.verdict is Verdict.BETTER


def test_testing_more_claims_less(finding: Finding) -> None:
    rng = np.random.default_rng(5)
    gaps = rng.normal(0.8, 1.0, 10)
    found = {"a": runs(finding, np.arange(10.0).tolist())}
    found |= {"b": runs(finding, (np.arange(10.0) + gaps).tolist())}
    (alone,) = compare(found, "a", measures=["wait_mean"]).differences["b"]
    found |= {
        f"x{n}": runs(finding, (np.arange(10.0) + rng.normal(0, 1, 10)).tolist()) for n in range(9)
    }
    (among,) = compare(found, "a", measures=["wait_mean"]).differences["b"]
    assert alone.p is not None and among.p is not None and among.p > alone.p
    assert alone.interval == among.interval


def test_few_seeds_claim_nothing(finding: Finding) -> None:
    found = {"a": runs(finding, [1.0, 1.1]), "b": runs(finding, [5.0, 5.2])}
    (row,) = compare(found, "a", measures=["wait_mean"]).differences["b"]
    assert (row.verdict, row.interval) == (Verdict.UNCLAIMED, None)
    assert "2 seeds are too few" in row.why


def test_measures_of_the_machine_are_not_claimed(finding: Finding) -> None:
    found = {"a": runs(finding, [1.0, 1.1] * 5, "decision"), "b": runs(finding, [2.0] * 10)}
    (row,) = compare(found, "a", measures=["decision"]).differences["b"]
    assert row.verdict is Verdict.UNCLAIMED and "machine" in row.why


def blocked(finding: Finding, means: Floats, accepted: int = 4000) -> list[Finding]:
    return [
        replace(
            finding,
            summary=replace(finding.summary, accepted=accepted),
            measures={"wait_mean": float(means.mean()), "throughput": float(means.sum())},
            blocks={"wait_mean": means},
        )
    ]


def test_one_seed_is_cut_into_stretches_of_tasks(finding: Finding) -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(10.0, 3.0, 20)
    found = {"a": blocked(finding, base), "b": blocked(finding, base + rng.normal(2, 0.5, 20))}
    compared = compare(found, "a", measures=["wait_mean", "throughput"])
    wait, throughput = compared.differences["b"]
    assert (compared.pairings["b"], wait.verdict) == ((Unit.BLOCK, 20), Verdict.WORSE)
    assert throughput.verdict is Verdict.UNCLAIMED and "one value" in throughput.why


def test_stretches_that_depend_on_each_other_claim_nothing(finding: Finding) -> None:
    found = {"a": blocked(finding, np.zeros(20)), "b": blocked(finding, np.arange(20.0))}
    (row,) = compare(found, "a", measures=["wait_mean"]).differences["b"]
    assert row.verdict is Verdict.UNCLAIMED and "depend on each other" in row.why


def test_a_short_run_claims_nothing(finding: Finding) -> None:
    means = np.tile([1.0, 2.0], 10)
    found = {"a": blocked(finding, means, 399), "b": blocked(finding, means + 1, 399)}
    (row,) = compare(found, "a", measures=["wait_mean"]).differences["b"]
    assert row.verdict is Verdict.UNCLAIMED and "399 tasks are too few" in row.why


def test_seeds_that_make_no_difference_are_one_seed(finding: Finding) -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(10.0, 3.0, 20)
    found = {"a": blocked(finding, base) * 8, "b": blocked(finding, base + 1 + 0.1 * base) * 8}
    assert compare(found, "a", measures=["wait_mean"]).pairings["b"].unit is Unit.BLOCK


def test_every_two_algorithms_are_paired_for_themselves(finding: Finding) -> None:
    rng = np.random.default_rng(3)
    common = rng.normal(100.0, 20.0, 12)
    base = runs(finding, common.tolist())
    worse = runs(finding, (common + 9 + rng.normal(0, 1, 12)).tolist())
    found = {"base": base, "whole": worse, "late": worse[3:], "thin": worse[:3]}
    found["mute"] = [without(one, "wait_mean") for one in worse]
    found["gappy"] = [without(one, "wait_mean") if n < 2 else one for n, one in enumerate(worse)]
    found["apart"] = [replace(one, plan=replace(one.plan, seed=99)) for one in worse[:1]]
    compared = compare(found, "base", measures=["wait_mean"])
    alone = compare({"base": base, "whole": worse}, "base", measures=["wait_mean"])
    rows = {name: row for name, (row,) in compared.differences.items()}
    assert rows["whole"].interval == alone.differences["whole"][0].interval
    assert (rows["whole"].verdict, compared.pairings["whole"].pairs) == (Verdict.WORSE, 12)
    assert (rows["late"].verdict, compared.pairings["late"].pairs) == (Verdict.WORSE, 9)
    assert rows["late"].base == pytest.approx(common[3:].mean())
    assert "3 seeds are too few" in rows["thin"].why
    assert (rows["mute"].mean, rows["mute"].why) == (None, "the other has no value of it")
    assert (rows["gappy"].verdict, rows["gappy"].missing) == (Verdict.WORSE, 2)
    assert "2 seeds are left out" in " ".join(notes([rows["gappy"]]))
    assert rows["apart"].why == "they share no seed"
    assert compared.family == 3


def test_algorithms_that_no_seed_changes_are_cut_into_stretches_beside_one_that_is_changed(
    finding: Finding,
) -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(10.0, 3.0, 20)

    def steady(means: Floats) -> list[Finding]:
        return [
            replace(one, plan=replace(one.plan, seed=seed))
            for seed, one in enumerate(blocked(finding, means) * 6)
        ]

    rolling = steady(base)
    rolling = [
        replace(one, measures={**one.measures, "wait_mean": 12.0 + gap})
        for one, gap in zip(rolling, rng.normal(0, 0.3, 6), strict=True)
    ]
    found = {"a": steady(base), "b": steady(base + rng.normal(2, 0.5, 20)), "c": rolling}
    compared = compare(found, "a", measures=["wait_mean"])
    assert compared.pairings == {"b": (Unit.BLOCK, 20), "c": (Unit.SEED, 6)}
    assert {rows[0].verdict for rows in compared.differences.values()} == {Verdict.WORSE}
    told = basis(compared, trace=True)
    assert "b with a: Every seed gives the same" in told and "c with a: Paired by seed, 6" in told


@pytest.mark.parametrize(
    ("gaps", "why"),
    [
        ([3.0] * 6, "differs by the same in every seed"),
        ([1.0, 2.0, 1.5, float("nan"), 1.0, 2.0], "not a finite number in every seed"),
        ([1.0, 2.0, 1.5, float("inf"), 1.0, 2.0], "not a finite number in every seed"),
        ([0.0, 0.0, 0.0, 0.0, 0.0, 5.0], "in too few pairs, each a seed"),
        ([3.0], "one run has one value of it: take several seeds"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_be_judged_is_not_claimed_and_told(
    finding: Finding, gaps: list[float], why: str
) -> None:
    before = np.linspace(5.0, 9.0, len(gaps))
    found = {
        "a": runs(finding, before.tolist(), "wait_p95"),
        "b": runs(finding, (before + gaps).tolist(), "wait_p95"),
    }
    compared = compare(found, "a", measures=["wait_p95"])
    (row,) = compared.differences["b"]
    assert (row.verdict, row.interval, compared.family) == (Verdict.UNCLAIMED, None, 0)
    assert why in row.why and list(findings(compared)) == []
    assert why in " ".join(notes([row]))


def test_stretches_that_all_differ_alike_are_not_judged(finding: Finding) -> None:
    base = np.random.default_rng(2).normal(10.0, 3.0, 20)
    found = {"a": blocked(finding, base), "b": blocked(finding, base + 1.0)}
    (row,) = compare(found, "a", measures=["wait_mean"]).differences["b"]
    assert (row.verdict, row.interval) == (Verdict.UNCLAIMED, None)
    assert "differs by the same in every stretch" in row.why


def test_runs_that_are_all_alike_are_told_to_be(finding: Finding) -> None:
    means = [1.0, 2.0, 3.0]
    alike = compare({"a": runs(finding, means), "b": runs(finding, means)}, "a")
    assert list(findings(alike)) == []
    assert nothing(alike) == "No difference: every measure is the same in every run."
    unlike = compare({"a": runs(finding, means), "b": runs(finding, [1.0, 2.0, 4.0])}, "a")
    assert list(findings(unlike)) == []
    assert nothing(unlike) == "Nothing can be claimed from these runs."


def test_where_seeds_make_no_difference_no_more_of_them_are_asked_for(finding: Finding) -> None:
    found = {"a": runs(finding, [5.0] * 3, "wait_p95"), "b": runs(finding, [6.0] * 3, "wait_p95")}
    (row,) = compare(found, "a", measures=["wait_p95"]).differences["b"]
    assert row.verdict is Verdict.UNCLAIMED
    assert row.why == "every seed gives one and the same value of it, so chance cannot be judged"


def test_what_is_neither_better_nor_worse_is_different_from(finding: Finding) -> None:
    low = [0.50, 0.52, 0.49, 0.51, 0.53, 0.48]
    high = [0.71, 0.70, 0.72, 0.69, 0.74, 0.70]
    found = {"a": runs(finding, low, "utilisation"), "b": runs(finding, high, "utilisation")}
    (told,) = findings(compare(found, "a", measures=["utilisation"]))
    assert told.startswith("b is different from a: utilisation ")
