"""Every worker simulator of this package keeps its contract, as it is registered."""

from __future__ import annotations

from typing import Any

import pytest

from trx_core.testing import WORKER_CHECKS, Check, WorkerSuite, check_worker, suites_of
from trx_workers.plugin import trx_register_workers
from trx_workers.simulators.lognormal import LogNormal

SIMULATORS = [spec for spec in trx_register_workers() if spec.simulator]

globals().update(suites_of(WorkerSuite, SIMULATORS))


@pytest.mark.parametrize("params", [{"cv": 0.0}, {"success_rate": 0.0}, {"mean": 0.0, "cv": 100.0}])
def test_a_log_normal_worker_at_its_bounds(params: dict[str, Any]) -> None:
    results = check_worker(lambda: LogNormal(**params))
    checks: list[Check[Any]] = [one.check for one in results]
    assert checks == list(WORKER_CHECKS)
    assert [one.message for one in results if one.failed] == []
