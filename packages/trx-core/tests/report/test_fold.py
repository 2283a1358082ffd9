"""A log folded into a summary, against figures reckoned by hand."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.ids import IdFactory
from trx_core.models import EventType, Fleet, LogEntry, ScheduleLog
from trx_core.protocols import MetricCollector
from trx_core.report import Distribution, Fold, Summary

IDS = IdFactory(random.Random(3))
FLEET = Fleet.model_validate(
    {
        "pools": [
            {
                "name": name,
                "region": "eu",
                "resource_type": "cpu",
                "cost_per_unit": 1.0,
                "capacity": capacity,
                "worker": {"kind": "simulated"},
            }
            for name, capacity in (("fast", 2), ("cheap", 8), ("idle", 0))
        ]
    }
)


def new_id() -> UUID:
    return IDS.one(0.0)


def enqueued(task: UUID, at: float) -> LogEntry:
    details = {"type": "work", "priority": 5, "cost": 1.0, "slots": 1, "region": None}
    return LogEntry(task, at, EventType.ENQUEUED, details)


def placement(attempt: int, pool: str, algorithm: str, slots: int) -> dict[str, Any]:
    return {
        "attempt": attempt,
        "pool": pool,
        "pool_id": str(next((p.id for p in FLEET.pools if p.name == pool), None)),
        "algorithm": algorithm,
        "slots": slots,
    }


def run(
    task: UUID,
    start: float,
    end: float,
    ending: EventType | None,
    *,
    attempt: int = 1,
    pool: str = "fast",
    algorithm: str = "greedy",
    slots: int = 1,
    cost: float = 1.0,
    reason: str = "attempts_spent",
) -> list[LogEntry]:
    """The entries of one attempt."""
    placed = placement(attempt, pool, algorithm, slots)
    entries = [LogEntry(task, start, EventType.DISPATCHED, placed)]
    if ending is EventType.RECOVERED:
        entries.append(LogEntry(task, end, ending, {"attempt": attempt, "runner": str(task)}))
    elif ending is not None:
        closed = {**placed, "latency": end - start, "cost": cost}
        if ending is not EventType.COMPLETED:
            closed |= {"error": "transient", "detail": "no answer"}
        if ending is EventType.DEAD_LETTERED:
            closed |= {"reason": reason}
        entries.append(LogEntry(task, end, ending, closed))
    return entries


def story() -> list[LogEntry]:
    """Seven tasks, from 0 s to 20 s: one of each fate."""
    plain, retried, spent, hopeless, withdrawn, rescued, waiting = (new_id() for _ in range(7))
    return [
        enqueued(plain, 0.0),
        *run(plain, 1.0, 3.0, EventType.COMPLETED, cost=5.0),
        enqueued(retried, 0.0),
        *run(retried, 2.0, 4.0, EventType.RETRIED, cost=0.5, slots=2),
        *run(retried, 5.0, 10.0, EventType.COMPLETED, attempt=2, pool="cheap", slots=2),
        enqueued(spent, 0.0),
        *run(spent, 3.0, 4.0, EventType.RETRIED, cost=0.0),
        *run(spent, 5.0, 6.0, EventType.RETRIED, attempt=2, cost=0.0),
        *run(spent, 7.0, 8.0, EventType.DEAD_LETTERED, attempt=3, cost=0.0),
        enqueued(hopeless, 0.0),
        *run(hopeless, 4.0, 5.0, EventType.DEAD_LETTERED, reason="permanent", cost=0.0),
        enqueued(withdrawn, 0.0),
        LogEntry(withdrawn, 9.0, EventType.CANCELLED, {}),
        enqueued(rescued, 0.0),
        *run(rescued, 5.0, 11.0, EventType.RECOVERED),
        *run(rescued, 12.0, 20.0, EventType.COMPLETED, attempt=2, algorithm="fifo", pool="cheap"),
        enqueued(waiting, 0.0),
    ]


def folded(*batches: list[LogEntry]) -> Summary:
    fold = Fold()
    for batch in batches:
        fold.observe(batch)
    return fold.summary(FLEET)


def test_tasks_are_counted_by_what_became_of_them() -> None:
    summary = folded(story())
    assert (summary.accepted, summary.completed, summary.failed) == (7, 3, 2)
    assert (summary.cancelled, summary.open) == (1, 1)
    assert summary.dead_lettered == {"attempts_spent": 1, "permanent": 1}
    assert (summary.retried, summary.retries, summary.recoveries) == (2, 3, 1)
    assert summary.attempts == 9


def test_times_are_interpolated_quantiles() -> None:
    summary = folded(story())
    assert summary.wait == pytest.approx((3, *np.percentile([1, 2, 3, 4, 5], [50, 95, 99])))
    assert summary.end_to_end == pytest.approx((11, *np.percentile([3, 10, 20], [50, 95, 99])))
    assert summary.span == 20.0
    assert summary.throughput == pytest.approx(3 / 20)


def test_pools_are_told_apart() -> None:
    fast, cheap, idle = folded(story()).pools
    assert (fast.name, fast.tasks, fast.attempts, fast.cost) == ("fast", 3, 7, 5.5)
    assert fast.busy == pytest.approx(2 + 2 * 2 + 1 + 1 + 1 + 1 + 6)
    assert fast.utilisation == pytest.approx(fast.busy / (2 * 20))
    assert (cheap.tasks, cheap.attempts, cheap.cost) == (2, 2, 2.0)
    assert cheap.busy == pytest.approx(5 * 2 + 8)
    assert (idle.tasks, idle.attempts, idle.utilisation) == (0, 0, None)


def test_totals_are_the_sums_of_the_pools() -> None:
    summary = folded(story())
    assert summary.cost == pytest.approx(7.5)
    assert summary.busy == pytest.approx(sum(pool.busy for pool in summary.pools))
    assert summary.utilisation == pytest.approx(summary.busy / (10 * 20))
    assert summary.algorithms == {"greedy": 4, "fifo": 1}


@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_neither_order_nor_repetition_nor_batching_matters(rng: random.Random, size: int) -> None:
    entries = story()
    expected = folded(entries)
    shuffled = entries * 2
    rng.shuffle(shuffled)
    batches = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]
    assert folded(*batches) == expected


def test_rows_as_they_are_kept_fold_to_the_same() -> None:
    entries = story()
    fold = Fold()
    fold.observe([ScheduleLog(IDS.one(0.0), *entry) for entry in entries])
    assert fold.summary(FLEET) == folded(entries)


def test_an_empty_log_is_a_summary_of_nothing() -> None:
    summary = folded()
    assert (summary.accepted, summary.span, summary.cost) == (0, 0.0, 0)
    assert summary.wait == summary.end_to_end == Distribution(None, None, None, None)
    assert summary.throughput is summary.utilisation is None


def test_a_pool_that_the_fleet_does_not_have_is_named_without_a_capacity() -> None:
    task = new_id()
    summary = folded([enqueued(task, 0.0), *run(task, 1.0, 2.0, EventType.COMPLETED, pool="gone")])
    gone = summary.pools[-1]
    assert (gone.name, gone.tasks, gone.capacity, gone.utilisation) == ("gone", 1, None, None)


def test_a_poison_message_is_a_failed_task_that_never_ran() -> None:
    task = new_id()
    summary = folded([LogEntry(task, 1.0, EventType.DEAD_LETTERED, {"reason": "poison"})])
    assert (summary.failed, summary.attempts) == (1, 0)
    assert summary.dead_lettered == {"poison": 1}


def test_a_summary_is_a_json_object_with_units_in_its_keys() -> None:
    told = json.loads(json.dumps(folded(story()).to_dict()))
    assert told["tasks"]["dead_lettered"] == {"attempts_spent": 1, "permanent": 1}
    assert told["wait_seconds"]["p50"] == 3.0
    assert told["pools"][0]["busy_slot_seconds"] == 16.0
    assert told["pools"][2]["utilisation_ratio"] is None


def test_a_fold_is_a_metric_collector() -> None:
    assert isinstance(Fold(), MetricCollector)
