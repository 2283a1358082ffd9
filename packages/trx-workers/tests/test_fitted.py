"""The simulator that is fitted to a history."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.simulators.fitted import Fitted, Law, TypeFit, stretch_of

POOL = WorkerPool.model_validate(
    {
        "name": "p",
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 2.0,
        "capacity": 4,
        "worker": {"kind": "fitted"},
    }
)


def drawn(count: int = 4000, *, type: str = "job", **params: Any) -> list[Outcome]:
    worker, rng = Fitted(**params), random.Random(5)
    task = Task(uuid4(), type, cost=3.0)
    return [worker.sample(task, POOL, 0.0, rng) for _ in range(count)]


SHAPES: dict[Law, dict[str, Any]] = {
    Law.DETERMINISTIC: {},
    Law.EXPONENTIAL: {},
    Law.LOGNORMAL: {"cv": 0.7},
    Law.GAMMA: {"cv": 0.4},
    Law.WEIBULL: {"shape": 0.8},
    Law.EMPIRICAL: {"quantiles": [0.25, 0.75, 1.25, 1.75]},
}


@pytest.mark.parametrize("law", Law)
def test_a_law_has_the_mean_that_is_given(law: Law) -> None:
    stretch = stretch_of(TypeFit(law=law, **SHAPES[law]))
    grid = (np.arange(200_000) + 0.5) / 200_000
    values = np.array([stretch(float(u)) for u in grid])
    assert values.mean() == pytest.approx(1.0, rel=2e-3)
    assert (np.diff(values) >= 0).all()
    assert np.isfinite([stretch(0.0), stretch(1.0 - 2.0**-53)]).all()


@pytest.mark.parametrize(("law", "cv"), [(Law.LOGNORMAL, 0.7), (Law.GAMMA, 0.4)])
def test_a_law_varies_as_it_is_told(law: Law, cv: float) -> None:
    seconds = [one.latency for one in drawn(20_000, usual={"law": law, "mean": 2.0, "cv": cv})]
    assert np.mean(seconds) == pytest.approx(2.0, rel=0.03)
    assert np.std(seconds) / np.mean(seconds) == pytest.approx(cv, rel=0.05)


def test_the_mean_grows_with_the_cost() -> None:
    usual = {"law": "deterministic", "mean": 1.0, "per_cost": 0.5}
    assert {one.latency for one in drawn(3, usual=usual)} == {2.5}


def test_failures_are_as_frequent_as_slow_and_as_dear_as_they_were() -> None:
    errors = {
        "transient": {"share": 0.75, "seconds": [0.5]},
        "timeout": {"share": 0.25, "seconds": [9.0, 11.0]},
    }
    usual = {"success": 0.6, "errors": errors, "charge": 0.5, "failed_charge": 0.0}
    outcomes = drawn(usual=usual)
    kinds = Counter(one.error for one in outcomes)
    assert kinds[None] / 4000 == pytest.approx(0.6, abs=0.03)
    assert kinds[ErrorKind.TIMEOUT] / 4000 == pytest.approx(0.1, abs=0.02)
    assert {one.latency for one in outcomes if one.error is ErrorKind.TRANSIENT} == {0.5}
    late = [one.latency for one in outcomes if one.error is ErrorKind.TIMEOUT]
    assert min(late) >= 9.0 and max(late) <= 11.0 and np.mean(late) == pytest.approx(10, abs=0.1)
    assert {one.cost for one in outcomes if one.success} == {3.0}
    assert {one.cost for one in outcomes if not one.success} == {0.0}


def test_a_type_may_go_otherwise() -> None:
    big = {"law": "deterministic", "mean": 7.0}
    fits: dict[str, Any] = {"usual": {"law": "deterministic"}, "by_type": {"big": big}}
    assert {one.latency for one in drawn(3, **fits)} == {1.0}
    assert {one.latency for one in drawn(3, type="big", **fits)} == {7.0}


@pytest.mark.parametrize(
    ("usual", "words"),
    [
        ({"law": "normal"}, "usual.law"),
        ({"mean": -1}, "usual.mean"),
        ({"quantiles": [2, 1]}, "usual.quantiles: .*must not fall"),
        ({"errors": {"odd": {"share": 1, "seconds": [1]}}}, "usual.errors.odd"),
        ({"errors": {"timeout": {"share": 1, "seconds": []}}}, "usual.errors.timeout.seconds"),
        ({"speed": 2}, "usual.speed"),
    ],
)
def test_what_is_wrong_is_named(usual: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fitted(usual=usual)
