"""Slowdowns, deadlines, fairness and the timeline of a fold."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from trx_core.ids import IdFactory
from trx_core.models import EventType, LogEntry, Task
from trx_core.report import Fold
from trx_core.report.samples import jain

IDS = IdFactory(random.Random(5))


def task(at: float, **more: Any) -> Task:
    return Task(IDS.one(at), "job", enqueued_at=at, **more)


def accepted(one: Task) -> LogEntry:
    return LogEntry(one.id, one.enqueued_at, EventType.ENQUEUED, {"region": one.region})


def ran(one: UUID, start: float, end: float, *, pool: str = "a", slots: int = 1) -> list[LogEntry]:
    placed = {"attempt": 1, "pool": pool, "algorithm": "fifo", "slots": slots}
    closed = {**placed, "latency": end - start, "cost": 1.0}
    return [
        LogEntry(one, start, EventType.DISPATCHED, placed),
        LogEntry(one, end, EventType.COMPLETED, closed),
    ]


def story(*tasks: tuple[Task, float, float], fold: Fold | None = None) -> Fold:
    fold = fold or Fold()
    for one, start, end in tasks:
        fold.expect(one)
        fold.observe([accepted(one), *ran(one.id, start, end)])
    return fold


def test_slowdown_is_turnaround_per_service_and_its_bound_spares_short_tasks() -> None:
    summary = story((task(0.0), 9.0, 10.0), (task(0.0), 20.0, 40.0)).summary()
    assert summary.slowdown.mean == pytest.approx((10 / 1 + 40 / 20) / 2)
    assert summary.bounded_slowdown.mean == pytest.approx((10 / 10 + 40 / 20) / 2)
    short = story((task(0.0), 9.0, 10.0), fold=Fold(short=2.0)).summary()
    assert (short.bounded_slowdown.mean, short.short) == (5.0, 2.0)


def test_slowdown_is_by_the_seconds_of_the_log_however_fast_service_was_simulated() -> None:
    one = task(0.0)
    fold = Fold()
    fold.expect(one)
    placed, closed = ran(one.id, 1.0, 2.0)
    fold.observe(
        [accepted(one), placed, closed._replace(details={**closed.details, "latency": 60.0})]
    )
    summary = fold.summary()
    assert (summary.slowdown.mean, summary.end_to_end.mean) == (2.0, 2.0)


def test_a_task_that_takes_no_time_has_no_slowdown() -> None:
    summary = story((task(0.0), 4.0, 4.0)).summary()
    assert summary.slowdown.mean is None
    assert summary.bounded_slowdown.mean == 1.0


def test_deadlines_are_missed_by_tasks_that_end_late_or_are_still_open() -> None:
    fold = story(
        (task(0.0, deadline=10.0), 0.0, 10.0),
        (task(0.0, deadline=10.0), 0.0, 10.5),
        (task(0.0), 0.0, 99.0),
    )
    overdue, not_yet, gone = (task(0.0, deadline=at) for at in (50.0, 500.0, 50.0))
    for one in (overdue, not_yet, gone):
        fold.expect(one)
        fold.observe([accepted(one)])
    fold.observe([LogEntry(gone.id, 5.0, EventType.CANCELLED, {})])
    summary = fold.summary()
    assert (summary.deadlines, summary.deadline_misses) == (3, 2)


def test_fairness_is_of_what_each_tenant_and_region_gets() -> None:
    alike = [(task(0.0, metadata={"tenant": name}), 5.0, 10.0) for name in "ab"]
    assert story(*alike).summary().tenant_fairness == 1.0
    favoured = [
        (task(0.0, metadata={"tenant": "a"}, region="eu"), 0.0, 10.0),
        (task(0.0, metadata={"tenant": "b"}, region="us"), 90.0, 100.0),
    ]
    summary = story(*favoured).summary()
    assert summary.tenant_fairness == pytest.approx(1.1**2 / (2 * (1 + 0.01)))
    assert summary.region_fairness == summary.tenant_fairness
    assert [(g.name, g.tasks, g.wait, g.speed) for g in summary.tenants] == [
        ("a", 1, 0.0, 1.0),
        ("b", 1, 90.0, 0.1),
    ]
    assert story((task(0.0, metadata={"tenant": "a"}), 0.0, 1.0)).summary().tenant_fairness is None


def test_another_field_may_name_the_tenant() -> None:
    ours = [(task(0.0, metadata={"team": name}), 0.0, 1.0) for name in "abc"]
    assert len(story(*ours, fold=Fold(tenant_key="team")).summary().tenants) == 3
    assert story(*ours).summary().tenants == ()


def test_jains_index_is_one_over_n_if_one_gets_all() -> None:
    assert jain([1.0, 0.0, 0.0, 0.0]) == 0.25
    assert jain([0.0, 0.0]) is None


def test_the_timeline_holds_means_over_equal_spans() -> None:
    fold = Fold()
    one, two = task(100.0), task(100.0)
    fold.observe([accepted(one), accepted(two)])
    fold.observe(ran(one.id, 100.0, 103.0, slots=4))
    fold.observe(ran(two.id, 102.0, 104.0, pool="b"))
    line = fold.timeline(4)
    assert line.edges.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert line.pools == ("a", "b")
    assert line.occupied == pytest.approx(np.array([[4, 4, 4, 0], [0, 0, 1, 1]]))
    assert line.waiting == pytest.approx([1, 1, 0, 0])
    assert line.arrived.tolist() == [2.0, 0.0, 0.0, 0.0]
    assert line.completed.tolist() == [0.0, 0.0, 0.0, 2.0]


def test_occupied_slots_over_time_add_up_to_the_time_that_was_spent() -> None:
    rng, fold = random.Random(1), Fold()
    for _ in range(300):
        one = task(rng.uniform(0, 100))
        start = one.enqueued_at + rng.expovariate(0.3)
        fold.observe([accepted(one)])
        fold.observe(ran(one.id, start, start + rng.expovariate(0.1), slots=rng.randint(1, 5)))
    summary, line = fold.summary(), fold.timeline(17)
    widths = np.diff(line.edges)
    assert (line.occupied @ widths).sum() == pytest.approx(summary.busy)
    assert (line.completed @ widths).sum() == pytest.approx(300)


@pytest.mark.parametrize("fold", [Fold(), story((task(3.0), 3.0, 3.0))])
def test_a_log_without_length_has_a_timeline_of_zeros(fold: Fold) -> None:
    line = fold.timeline(3)
    assert not line.occupied.any() and not line.waiting.any() and not line.completed.any()
