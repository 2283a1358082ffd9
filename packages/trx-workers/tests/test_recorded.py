"""The worker that replays recorded service times."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from lab_bench import pool

from trx_core.models import Outcome, Task
from trx_core.randomness import KeyedRandom
from trx_workers.simulators.recorded import Recorded


def sample(params: dict[str, Any], **fields: Any) -> Outcome:
    task = Task(UUID(int=7), "job", cost=3.0, **fields)
    return Recorded(**params).sample(task, pool(cost_per_unit=0.5), 0.0, KeyedRandom(1))


def test_takes_as_long_as_was_recorded_and_costs_what_the_pool_charges() -> None:
    outcome = sample({}, metadata={"run_time": 42}, expected_duration=1000.0)
    assert outcome == Outcome(42.0, True, 1.5)


def test_a_pool_may_be_faster_than_what_was_recorded() -> None:
    assert sample({"speed": 4.0, "key": "took"}, metadata={"took": 10}).latency == 2.5


def test_what_was_not_recorded_takes_as_long_as_expected() -> None:
    assert sample({}, expected_duration=9.0).latency == 9.0
    assert sample({}).latency == pool().expected_latency


@pytest.mark.parametrize("value", [-1, "12", None, True])
def test_refuses_what_is_no_service_time(value: object) -> None:
    with pytest.raises(ValueError, match=r"run_time=.* is no service time"):
        sample({}, metadata={"run_time": value})


@pytest.mark.parametrize("params", [{"speed": 0}, {"key": ""}, {"unknown": 1}])
def test_refuses_parameters_that_make_no_sense(params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(params))):
        Recorded(**params)
