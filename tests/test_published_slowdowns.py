"""The ordering policies of batch systems, against a published table.

Mean bounded slowdowns of ten windows of 1,024 jobs of the Lublin-Feitelson trace on 256 slots:
the row Lublin-1 of table V in D. Zhang et al., "RLScheduler: an automated HPC batch job scheduler
using reinforcement learning" (SC20), as its published code has it, and that code's values for
WFP3 and UNICEP with the true waiting time, which the table itself does not have. The trace and
these values are read from a folder that is no part of the repository.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from shared_data import shared

from trx_core.engine import NamedAlgorithm
from trx_core.kernel import KernelConfig
from trx_core.models import EventType, Fleet, LogEntry, Task
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.protocols import Arrival
from trx_core.traces import open_trace
from trx_workers.lab import simulate
from trx_workers.lab.run import tasks_of

REGISTRY = load_plugins()
CLUSTER = """
pools:
  - name: cluster
    region: here
    resource_type: cpu
    cost_per_unit: 0
    capacity: 256
    worker: {kind: recorded}
"""
JOBS = 1024
SHORT = 10.0
"""Seconds; a shorter job counts as that long in a bounded slowdown."""

PUBLISHED = {
    ("fcfs", "none"): 7273.77,
    ("fcfs", "easy-strict"): 235.82,
    ("sjf", "none"): 277.35,
    ("sjf", "easy-strict"): 73.31,
    ("f1", "none"): 258.37,
    ("f1", "easy-strict"): 75.07,
    ("wfp3", "none"): 337.34,
    ("wfp3", "easy-strict"): 126.50,
    ("unicep", "none"): 381.71,
    ("unicep", "easy-strict"): 103.10,
}
NAMED_THERE = {
    "fcfs": "fcfs",
    "sjf": "sjf",
    "f1": "f1",
    "wfp3": "wfp_true",
    "unicep": "uni_true",
    "none": "no_backfill",
    "easy-strict": "backfill",
}


@cache
def jobs(path: Path) -> tuple[Arrival, ...]:
    rows = open_trace(REGISTRY.trace_readers, path)
    return tuple(row for row in rows if isinstance(row, Arrival))


def slowdown(window: tuple[Arrival, ...], algorithm: NamedAlgorithm, *, at_once: bool) -> float:
    """Mean bounded slowdown of the window's jobs, alone on an empty cluster."""
    tasks = list(tasks_of(window, 0))
    started: dict[UUID, float] = {}

    def watch(entries: list[LogEntry]) -> None:
        dispatched = (e for e in entries if e.event_type is EventType.DISPATCHED)
        started.update((entry.task_id, entry.timestamp) for entry in dispatched)

    run = simulate(
        Fleet.from_yaml(CLUSTER),
        algorithm,
        tasks,
        build=simulator_maker(REGISTRY),
        config=KernelConfig(window=JOBS, min_interval=0.0, hold_interval=1e9),
        on_entries=watch,
        endings_at_once=at_once,
    )
    assert (run.summary.completed, run.failures) == (JOBS, {})
    return statistics.fmean(bounded(task, started[task.id]) for task in tasks)


def bounded(task: Task, start: float) -> float:
    took: float = task.metadata["run_time"]
    return max(1.0, (start - task.enqueued_at + took) / max(took, SHORT))


def slowdowns(name: str, backfill: str, *, at_once: bool) -> Iterator[float]:
    golden = json.loads(shared("golden/rlscheduler_lublin256_bsld.json").read_text())
    trace = jobs(shared("swf/lublin_256.swf.gz"))
    for first in golden["window_start_indices_0based_after_sort_by_job_id"]:
        algorithm = make_algorithm(REGISTRY, name, {"backfill": backfill})
        yield slowdown(trace[first : first + JOBS], algorithm, at_once=at_once)


@pytest.mark.parametrize(("name", "backfill"), PUBLISHED)
def test_slowdowns_are_those_published(name: str, backfill: str) -> None:
    found = list(slowdowns(name, backfill, at_once=False))
    golden = json.loads(shared("golden/rlscheduler_lublin256_bsld.json").read_text())
    known = golden["values"][f"{NAMED_THERE[backfill]}/{NAMED_THERE[name]}"]["per_window"]
    assert found == pytest.approx(known, rel=1e-12)
    assert round(statistics.fmean(found), 2) == PUBLISHED[name, backfill]


def test_telling_what_ends_together_at_once_changes_little() -> None:
    """Only backfilling sees the difference: it then knows all the slots that have become free."""
    found = statistics.fmean(slowdowns("fcfs", "easy-strict", at_once=True))
    assert found == pytest.approx(PUBLISHED["fcfs", "easy-strict"], rel=0.01)
