"""Traces as they were published."""

from __future__ import annotations

from shared_data import shared

from trx_core.plugins import load_plugins
from trx_core.protocols import Arrival, BadRow
from trx_core.traces import open_trace


def test_the_pods_of_a_gpu_cluster() -> None:
    rows = list(
        open_trace(load_plugins().trace_readers, shared("alibaba/openb_pod_list_default.csv"))
    )
    pods = [row.request for row in rows if isinstance(row, Arrival)]
    assert len(pods) == 7255
    assert {row.reason for row in rows if isinstance(row, BadRow)} == {"it was never scheduled"}
    assert len(rows) - len(pods) == 897
    assert max(pod.slots for pod in pods) == 8
    assert min(pod.metadata["run_time"] for pod in pods) == 4.0
    assert {pod.priority for pod in pods} == {8, 7, 5, 2}
