"""The numbers that runs are compared by."""

from __future__ import annotations

import pytest

from trx_core.report import Distribution
from trx_workers.lab.measures import MEASURES


@pytest.mark.parametrize("what", ["wait", "turnaround", "slowdown", "bounded_slowdown"])
def test_what_each_task_has_one_of_is_told_by_mean_and_quantiles(what: str) -> None:
    titles = [MEASURES[f"{what}_{figure}"].title for figure in Distribution._fields]
    words = what.replace("_", " ")
    assert titles == [f"mean {words}", f"p50 {words}", f"p95 {words}", f"p99 {words}"]
