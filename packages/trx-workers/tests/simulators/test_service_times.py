"""Service times against the formulas of their distributions, over many draws."""

from __future__ import annotations

import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from scipy import stats
from simulating import attempts, pool, task

from trx_core.errors import InvalidParameters
from trx_core.randomness import KeyedRandom
from trx_workers.plugin import SIMULATED, trx_register_workers
from trx_workers.simulators.kinds import Empirical, Throughput
from trx_workers.simulators.simulated import Simulated

MEAN = 2.0
SHAPES: dict[str, tuple[dict[str, Any], Any]] = {
    "exponential": ({}, stats.expon(scale=MEAN)),
    "lognormal": (
        {"cv": 0.6},
        stats.lognorm(s=math.sqrt(math.log(1.36)), scale=MEAN / math.sqrt(1.36)),
    ),
    "gamma": ({"cv": 0.5}, stats.gamma(a=4, scale=MEAN / 4)),
    "weibull": ({"shape": 0.8}, stats.weibull_min(0.8, scale=MEAN / math.gamma(1 + 1 / 0.8))),
    "pareto": ({"alpha": 3.0}, stats.pareto(3.0, scale=MEAN * 2 / 3)),
}
KINDS = {spec.name: spec for spec in trx_register_workers()}


def times(kind: str, count: int = 20_000, /, **params: Any) -> list[float]:
    worker = KINDS[kind].build({"success_rate": 1.0, **params})
    return [outcome.latency for outcome in attempts(worker, count)]


@pytest.mark.parametrize("kind", SHAPES)
def test_a_kind_follows_its_distribution(kind: str) -> None:
    params, law = SHAPES[kind]
    drawn = times(kind, mean=MEAN, **params)
    assert law.mean() == pytest.approx(MEAN)
    assert statistics.mean(drawn) == pytest.approx(MEAN, rel=0.02)
    assert stats.kstest(drawn, law.cdf).pvalue > 0.01


def test_deterministic_times_are_the_mean() -> None:
    assert set(times("deterministic", 50, mean=MEAN)) == {MEAN}


@pytest.mark.parametrize("kind", ["deterministic", *SHAPES])
def test_the_mean_grows_with_the_cost_and_differs_by_type(kind: str) -> None:
    params = SHAPES[kind][0] if kind in SHAPES else {}
    by_type = {"render": {"mean": 4.0, "per_cost": 1.0}}
    worker = KINDS[kind].build(
        {"mean": 1.0, "per_cost": 0.5, "success_rate": 1.0, "by_type": by_type, **params}
    )
    few = 2000
    usual = [one.latency for one in attempts(worker, few, of=task(cost=2.0))]
    render = [one.latency for one in attempts(worker, few, of=task(type="render", cost=2.0))]
    assert [two / one for one, two in zip(usual, render, strict=True)] == pytest.approx([3.0] * few)


def test_empirical_times_are_those_measured() -> None:
    measured = [0.5, 1.0, 1.0, 5.5]
    drawn = times("empirical", values=measured)
    assert set(drawn) == set(measured)
    assert statistics.mean(drawn) == pytest.approx(2.0, rel=0.03)
    assert drawn.count(1.0) / len(drawn) == pytest.approx(0.5, abs=0.02)


def test_empirical_quantiles_have_straight_lines_between() -> None:
    drawn = times("empirical", quantiles={"0": 1.0, 0.5: 2.0, 1: 6.0})
    assert statistics.mean(drawn) == pytest.approx(0.5 * 1.5 + 0.5 * 4.0, rel=0.02)
    found = statistics.quantiles(drawn, n=4)
    assert found == pytest.approx([1.5, 2.0, 4.0], rel=0.03)


def test_empirical_times_scale_to_a_mean_and_by_cost() -> None:
    worker = Empirical(values=[1, 3], mean=10.0, per_cost=5.0, success_rate=1.0)
    drawn = {round(one.latency, 9) for one in attempts(worker, 50, of=task(cost=2.0))}
    assert drawn == {10.0, 30.0}


def test_empirical_times_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "times.txt"
    file.write_text("# seconds\n0.25\n\n0.75\n")
    assert set(times("empirical", 50, file=str(file))) == {0.25, 0.75}


def test_a_type_may_have_measured_times_of_its_own() -> None:
    worker = Empirical(
        values=[1.0], success_rate=1.0, by_type={"render": {"quantiles": {0: 7, 1: 7}}}
    )
    assert {one.latency for one in attempts(worker, 9)} == {1.0}
    assert {one.latency for one in attempts(worker, 9, of=task(type="render"))} == {7.0}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("secret\n", "no number of seconds on line 1"),
        ("1\n-1\n", "no number of seconds on line 2"),
        ("1\nnan\n", "no number of seconds on line 2"),
        ("\n", "holds no value"),
    ],
)
def test_a_file_is_refused_without_telling_what_stands_in_it(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "times.txt"
    file.write_text(text)
    with pytest.raises(InvalidParameters, match=complaint) as caught:
        Empirical(file=file)
    assert "secret" not in str(caught.value)
    with pytest.raises(InvalidParameters, match="is not there"):
        Empirical(file=tmp_path)


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({}, "exactly one of values, quantiles and file, not none"),
        ({"values": [1], "quantiles": {0: 1, 1: 2}}, "not quantiles and values"),
        ({"values": []}, "values: "),
        ({"quantiles": {0: 1, 0.5: 2}}, "those of 0 and 1 too"),
        ({"quantiles": {0: 3, 1: 2}}, "must not fall"),
    ],
)
def test_measured_times_are_checked(params: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Empirical(**params)


def test_throughput_is_work_over_speed() -> None:
    worker = Throughput(
        speeds={"resnet": {"1": 4.0, 2: 6.0, 8: 0.0}},
        otherwise=2.0,
        work="steps",
        success_rate=1.0,
    )

    def seconds(**fields: Any) -> float:
        (outcome,) = attempts(worker, 1, of=task(**fields))
        return outcome.latency if outcome.success else math.inf

    steps = {"metadata": {"steps": 120}}
    assert seconds(type="resnet", **steps) == 30.0
    assert seconds(type="resnet", slots=2, **steps) == 20.0
    assert seconds(type="resnet", slots=4, **steps) == 10.0
    assert seconds(type="resnet", slots=8, **steps) == math.inf
    assert seconds(type="other", slots=3, cost=12.0) == 2.0
    with pytest.raises(ValueError, match="steps='many' is no work"):
        seconds(type="resnet", metadata={"steps": "many"})


@pytest.mark.parametrize("kind", [name for name, *_ in SIMULATED])
def test_a_kind_tells_its_parameters_and_refuses_others(kind: str) -> None:
    own = {"values": [1.0]} if kind == "empirical" else {}
    with pytest.raises(Exception, match=r"TRX-C111.*sped: ") as caught:
        KINDS[kind].build({**own, "sped": 1, "outages": [{"every": 1}]})
    cause = caught.value.__cause__
    assert isinstance(cause, InvalidParameters)
    assert [path for path, _ in cause.faults] == ["sped", "outages.0.lasts"]


@pytest.mark.parametrize("kind", SHAPES)
def test_many_are_stretched_as_each_is_to_the_bit(kind: str) -> None:
    worker = KINDS[kind].build({"success_rate": 1.0, **SHAPES[kind][0]})
    many = [task(number) for number in range(9000)]
    assert isinstance(worker, Simulated)
    draw = worker.sample_many(many, pool())
    assert draw is not None
    rng = KeyedRandom(4)
    keys = rng.keys([one.id.int for one in many])
    each = [worker.sample(one, pool(), 0.0, rng.at(one.id.int)).latency for one in many]
    assert draw(keys.numbers()).latency.tolist() == each
