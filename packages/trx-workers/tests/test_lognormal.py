"""The log-normal worker: its moments, its failures, its luck."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import printed_under_hash_seeds

from trx_core.fleets import default_fleet
from trx_core.models import ErrorKind, Outcome, Task, WorkerPool, WorkerSpec
from trx_core.protocols import WorkerSimulator
from trx_core.randomness import KeyedRandom, Purpose
from trx_workers.plugin import trx_register_workers
from trx_workers.simulators.kinds import LogNormal

POOL = WorkerPool.model_validate(
    {
        "name": "p",
        "region": "eu-west",
        "resource_type": "cpu",
        "cost_per_unit": 0.5,
        "capacity": 4,
        "worker": WorkerSpec(kind="lognormal"),
    }
)


def task(**fields: Any) -> Task:
    return Task(**{"id": UUID(int=7), "type": "web", **fields})


def sample(count: int = 1, /, of: Task | None = None, **params: Any) -> list[Outcome]:
    worker, rng = LogNormal(**params), KeyedRandom(3)
    return [worker.sample(of or task(), POOL, 0.0, rng.at(number)) for number in range(count)]


def test_service_times_have_the_mean_and_the_variation_asked_for() -> None:
    times = [outcome.latency for outcome in sample(20_000, mean=2.0, cv=0.6)]
    assert statistics.mean(times) == pytest.approx(2.0, rel=0.02)
    assert statistics.stdev(times) / statistics.mean(times) == pytest.approx(0.6, rel=0.05)
    assert statistics.median(times) == pytest.approx(2.0 / math.sqrt(1 + 0.6**2), rel=0.02)


def test_no_variation_makes_every_time_the_mean() -> None:
    assert {outcome.latency for outcome in sample(100, mean=0.3, cv=0.0)} == {0.3}


def test_time_grows_with_cost_where_asked() -> None:
    (outcome,) = sample(of=task(cost=4.0), mean=0.5, per_cost=0.25, cv=0)
    assert outcome.latency == 1.5


def test_failures_come_as_often_as_asked() -> None:
    outcomes = sample(20_000, success_rate=0.8, permanent_share=0.25)
    errors = [outcome.error for outcome in outcomes if not outcome.success]
    assert len(errors) / len(outcomes) == pytest.approx(0.2, abs=0.01)
    assert errors.count(ErrorKind.PERMANENT) / len(errors) == pytest.approx(0.25, abs=0.03)
    assert set(errors) == {ErrorKind.PERMANENT, ErrorKind.TRANSIENT}


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_every_attempt_costs_whether_it_succeeds_or_not(rate: float) -> None:
    (outcome,) = sample(of=task(cost=3.0), success_rate=rate)
    assert (outcome.success, outcome.cost) == (rate == 1.0, 1.5)
    assert (outcome.error is None) == outcome.success


def test_a_type_differs_only_in_what_is_said_of_it() -> None:
    params: dict[str, Any] = {
        "mean": 1.0,
        "per_cost": 0.5,
        "cv": 0.0,
        "success_rate": 1.0,
        "by_type": {"render": {"mean": 2.0}, "flaky": {"success_rate": 0.0, "permanent_share": 1}},
    }
    (usual,) = sample(of=task(type="web"), **params)
    (render,) = sample(of=task(type="render"), **params)
    (flaky,) = sample(of=task(type="flaky"), **params)
    assert (usual.latency, render.latency, flaky.latency) == (1.5, 2.5, 1.5)
    assert (usual.success, render.success, flaky.error) == (True, True, ErrorKind.PERMANENT)


@given(seed=st.integers(0, 2**64), means=st.tuples(*[st.floats(0.01, 100)] * 2))
def test_luck_is_the_same_on_every_pool(seed: int, means: tuple[float, float]) -> None:
    first, second = (
        LogNormal(mean=mean, cv=0.5, success_rate=0.5).sample(
            task(), POOL, 0.0, KeyedRandom(seed).at(1)
        )
        for mean in means
    )
    assert first.success == second.success
    assert first.latency / means[0] == pytest.approx(second.latency / means[1])


class _Extreme(random.Random):
    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        return self._value


@pytest.mark.parametrize("uniform", [0.0, 1 - 2.0**-53])
def test_the_ends_of_the_uniform_distribution_give_finite_times(uniform: float) -> None:
    outcome = LogNormal(mean=1.0, cv=3.0).sample(task(), POOL, 0.0, _Extreme(uniform))
    assert 0 < outcome.latency < 1e6


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"mean": -1}, "mean: "),
        ({"cv": math.nan}, "cv: .*finite"),
        ({"success_rate": 1.1}, "success_rate: "),
        ({"speed": 3}, "speed: "),
        ({"by_type": {"web": {"men": 1}}}, r"by_type\.web\.men: "),
        ({"by_type": {"web": {"mean": math.inf}}}, r"by_type\.web\.mean: "),
    ],
)
def test_names_the_parameter_that_is_wrong(params: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        LogNormal(**params)
    assert "\n" not in str(caught.value)


SCRIPT = """
from uuid import UUID
from trx_core.fleets import default_fleet
from trx_core.models import Task
from trx_core.randomness import KeyedRandom, Purpose
from trx_workers.simulators.kinds import LogNormal
rng = KeyedRandom(5)
for pool in default_fleet().pools:
    worker = LogNormal(**pool.worker.params)
    for number in range(50):
        task = Task(UUID(int=number), "llm", cost=1.3)
        key = rng.at(task.id.int, number, Purpose.SERVICE)
        print(worker.sample(task, pool, 0.0, key).latency.hex())
"""


def test_gives_the_same_bits_in_another_process() -> None:
    printed = printed_under_hash_seeds(SCRIPT)
    rng, pool = KeyedRandom(5), default_fleet().pools[0]
    worker = LogNormal(**pool.worker.params)
    first = worker.sample(
        Task(UUID(int=0), "llm", cost=1.3), pool, 0.0, rng.at(0, 0, Purpose.SERVICE)
    )
    (text,) = printed
    assert text.splitlines()[0] == first.latency.hex()


def test_the_plugin_offers_it_for_every_pool_of_the_default_fleet() -> None:
    kinds = {spec.name: spec for spec in trx_register_workers()}
    for pool in default_fleet().pools:
        worker = kinds[pool.worker.kind].build(pool.worker.params)
        assert isinstance(worker, WorkerSimulator)
