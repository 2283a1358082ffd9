"""Every worker simulator of this package keeps its contract, as it is registered."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from trx_core.testing import WORKER_CHECKS, Check, WorkerSuite, check_worker, suites_of
from trx_workers.plugin import SIMULATED, trx_register_workers
from trx_workers.simulators.kinds import LogNormal

SIMULATORS = {spec.name: spec for spec in trx_register_workers() if spec.simulator}
NEEDED: dict[str, dict[str, Any]] = {"empirical": {"values": [0.5, 1.0, 4.0]}}
"""Parameters of the kinds that cannot do without."""

CONDITIONS: dict[str, Any] = {
    "timeout": 2.0,
    "cold_start": {"probability": 0.3, "mean": 1.0},
    "network": {"seconds": {"us": {"eu": 0.1}}, "otherwise": 0.2, "cv": 0.3},
    "outages": [
        {"every": 100, "lasts": 30},
        {"every": 90, "lasts": 9, "group": "eu", "share": 0.5},
    ],
    "brownouts": [{"every": 50, "lasts": 20, "slowdown": 3}],
    "drift": {"every": 60, "cv": 0.2},
    "preemption": {"after": 10},
    "elastic": {"min": 1, "look": 5, "up_delay": 7, "down_delay": 20},
    "capacity_by_hour": [0.5] * 24,
    "prices": {"by_hour": [1.0, 2.0] * 12, "market": {"every": 60, "cv": 0.3}},
}

suites = suites_of(WorkerSuite, [spec for name, spec in SIMULATORS.items() if name not in NEEDED])
globals().update(suites)


class TestEmpirical(WorkerSuite):
    spec = SIMULATORS["empirical"]
    params = NEEDED["empirical"]


@pytest.mark.parametrize("kind", [name for name, *_ in SIMULATED])
def test_a_kind_keeps_its_contract_under_all_conditions(kind: str) -> None:
    params = NEEDED.get(kind, {}) | CONDITIONS
    results = check_worker(partial(SIMULATORS[kind].build, params))
    aside = {one.check.id: one.message for one in results if not one.passed}
    assert aside == {"worker.timeless": "with these parameters it draws one outcome at a time"}


@pytest.mark.parametrize("params", [{"cv": 0.0}, {"success_rate": 0.0}, {"mean": 0.0, "cv": 100.0}])
def test_a_log_normal_worker_at_its_bounds(params: dict[str, Any]) -> None:
    results = check_worker(lambda: LogNormal(**params))
    checks: list[Check[Any]] = [one.check for one in results]
    assert checks == list(WORKER_CHECKS)
    assert [one.message for one in results if one.failed] == []
