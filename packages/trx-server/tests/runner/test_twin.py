"""The lab with a fitted fleet is a twin of the service that made the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from live_site import RETRY, fleet, open_site

from trx_core.models import EventType, Fleet, LogEntry, ScheduleLog, Task
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.report import Fold, Summary
from trx_server.runner import kernel_config
from trx_workers.fitting.history import read_history
from trx_workers.fitting.model import fit_fleet
from trx_workers.lab import simulate

SERVICE_WITHIN = 0.15
"""Service times are drawn, and off by chance alone: 400 of them, at two seeds."""

WAIT_WITHIN = 0.25
"""Waits have what the lab has not: the service's own time for a round, on a busy machine."""


def known_fleet() -> Fleet:
    """Eight slots whose laws are known, at which every tenth attempt fails."""
    given = fleet(5, 3).model_dump(mode="json")
    by_type = {"quick": {"mean": 0.15, "cv": 0.6}, "steady": {"mean": 0.3, "cv": 0.2}}
    for pool in given["pools"]:
        pool["worker"]["params"] = {"by_type": by_type, "success_rate": 0.9, "permanent_share": 0}
    return Fleet.model_validate(given)


def written(log: Sequence[ScheduleLog], path: Path) -> Path:
    """The log as ``trx logs`` writes it."""
    path.write_bytes(b"".join(orjson.dumps(row._asdict()) + b"\n" for row in log))
    return path


def times(log: Sequence[ScheduleLog | LogEntry]) -> list[float]:
    """Service times, those of failures too."""
    return [entry.details["latency"] for entry in log if entry.details.get("latency") is not None]


async def test_waits_and_service_times_of_the_twin_are_those_of_the_service(
    migrated: str, redis_url: str, tmp_path: Path
) -> None:
    given = known_fleet()
    async with (
        open_site(migrated, redis_url, given, lease_seconds=6.0) as site,
        site.runner(retry=RETRY),
    ):
        tasks: list[Task] = []
        for _ in range(200):
            tasks += site.make(1, type="quick") + site.make(1, type="steady")
        accepted = await site.accept_all(tasks)
        await site.audit(accepted)
        log = await site.log()
        config = kernel_config(site.settings)
    live = summed(log, given)

    twin = fit_fleet(read_history(written(log, tmp_path / "history.jsonl")), given).fleet
    registry = load_plugins()
    start = min(task.enqueued_at for task in accepted)
    entries: list[LogEntry] = []
    run = simulate(
        twin,
        make_algorithm(registry, site.settings.algorithm),
        [replace(task, enqueued_at=task.enqueued_at - start) for task in accepted],
        build=simulator_maker(registry),
        config=config,
        seed=7,
        on_entries=entries.extend,
    )
    lab = run.summary

    for share in (0.5, 0.95):
        assert np.quantile(times(entries), share) == pytest.approx(
            np.quantile(times(log), share), rel=SERVICE_WITHIN
        )
    assert lab.wait.p50 == pytest.approx(live.wait.p50, rel=WAIT_WITHIN)
    assert lab.wait.p95 == pytest.approx(live.wait.p95, rel=WAIT_WITHIN)
    assert lab.end_to_end.p50 == pytest.approx(live.end_to_end.p50, rel=WAIT_WITHIN)
    assert lab.end_to_end.p95 == pytest.approx(live.end_to_end.p95, rel=WAIT_WITHIN)
    failures = [sum(e.event_type is EventType.RETRIED for e in each) for each in (log, entries)]
    assert failures[1] == pytest.approx(failures[0], rel=0.5)
    told: dict[str, Sequence[Any]] = {
        "service time, s": [np.quantile(times(each), (0.5, 0.95)) for each in (log, entries)],
        "wait, s": [live.wait[:2], lab.wait[:2]],
        "end to end, s": [live.end_to_end[:2], lab.end_to_end[:2]],
        "retries": failures,
    }
    for name, (one, other) in told.items():
        print(f"{name}: service {np.round(one, 3)}, twin {np.round(other, 3)}")


def summed(log: Sequence[ScheduleLog], given: Fleet) -> Summary:
    fold = Fold()
    fold.observe(log)
    return fold.summary(given)
