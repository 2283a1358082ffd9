"""The rules by which a queue gives out what it holds."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.ids import IdFactory
from trx_core.models import Task
from trx_core.policy import LANES, lane_of
from trx_core.protocols import Delivery, Order, QueueDepth
from trx_core.queues import LaneStore

IDS = IdFactory(random.Random(1))


def tasks(*priorities: int) -> list[Task]:
    return [Task(id=IDS.one(0.0), type="work", priority=priority) for priority in priorities]


def given_out(deliveries: Sequence[Delivery]) -> list[Task]:
    return [delivery.task for delivery in deliveries if delivery.task is not None]


@given(st.lists(st.integers(1, 10), max_size=60), st.integers(1, 9))
def test_arrival_order_is_the_order_of_pushes_over_all_lanes(
    priorities: list[int], room: int
) -> None:
    store, pushed = LaneStore(), tasks(*priorities)
    store.push(pushed)
    out: list[Task] = []
    while batch := store.take(room, Order.ARRIVAL):
        assert len(batch) <= room
        out += given_out(batch)
    assert out == pushed


@given(st.lists(st.integers(1, 10), max_size=60), st.integers(1, 9))
def test_priority_order_gives_each_task_once_and_keeps_the_order_within_a_lane(
    priorities: list[int], room: int
) -> None:
    store, pushed = LaneStore(), tasks(*priorities)
    store.push(pushed)
    out: list[Task] = []
    while batch := store.take(room, Order.PRIORITY):
        assert len(batch) == min(room, len(pushed) - len(out))
        out += given_out(batch)
    for lane in range(len(LANES)):
        assert [t for t in out if lane_of(t.priority) == lane] == [
            t for t in pushed if lane_of(t.priority) == lane
        ]


def test_an_urgent_task_passes_a_backlog_and_the_backlog_is_not_starved() -> None:
    store = LaneStore()
    store.push(tasks(*[1] * 1000))
    store.push(tasks(*[10] * 1000))
    first = given_out(store.take(12, Order.PRIORITY))
    assert first[0].priority == 10
    assert 0 < sum(task.priority == 1 for task in first) < 6


def test_one_place_at_a_time_serves_every_lane() -> None:
    store = LaneStore()
    store.push(tasks(*[1] * 100, *[5] * 100, *[10] * 100))
    served = [given_out(store.take(1, Order.PRIORITY))[0].priority for _ in range(24)]
    assert set(served) == {1, 5, 10}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_delayed_entries_are_promoted_by_due_time_then_by_push(due: list[int]) -> None:
    store, pushed = LaneStore(), tasks(*[5] * len(due))
    store.push(pushed, [float(at) for at in due])
    assert store.next_due == min(due)
    assert store.take(100, Order.ARRIVAL) == []
    assert store.promote(5.0) == len(due)
    expected = [task for _, task in sorted(zip(due, pushed, strict=True), key=lambda p: p[0])]
    assert given_out(store.take(100, Order.ARRIVAL)) == expected
    assert store.next_due == float("inf")


def test_a_promoted_entry_stands_behind_what_arrived_before_its_time() -> None:
    store, (late,), (early,) = LaneStore(), tasks(5), tasks(5)
    store.push([late], [10.0])
    assert store.promote(9.999) == 0
    store.push([early])
    assert store.promote(10.0) == 1
    assert given_out(store.take(2, Order.ARRIVAL)) == [early, late]


def test_depth_follows_an_entry_from_push_to_ack() -> None:
    store = LaneStore()
    store.push(tasks(1, 5, 10))
    store.push(tasks(5), [3.0])
    assert store.depth() == QueueDepth(lag=3, pending=0, delayed=1)
    receipts = [delivery.receipt for delivery in store.take(2, Order.PRIORITY)]
    assert store.depth() == QueueDepth(lag=1, pending=2, delayed=1)
    store.ack([receipts[0], receipts[0], "unknown"])
    assert store.depth() == QueueDepth(lag=1, pending=1, delayed=1)
    store.promote(3.0)
    assert store.depth() == QueueDepth(lag=2, pending=1, delayed=0)


def test_receipts_are_never_given_twice() -> None:
    store = LaneStore()
    store.push(tasks(*[5] * 10), [0.0] * 10)
    store.promote(0.0)
    store.push(tasks(*[5] * 10))
    receipts = [delivery.receipt for delivery in store.take(20, Order.ARRIVAL)]
    assert len(set(receipts)) == 20


def test_a_batch_with_too_few_due_times_is_refused_whole() -> None:
    store = LaneStore()
    with pytest.raises(ValueError, match="2 tasks, but 1 due times"):
        store.push(tasks(5, 5), [1.0])
    assert store.depth().total == 0
