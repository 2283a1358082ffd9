"""Attempts and what becomes of their tasks."""

from __future__ import annotations

from dataclasses import replace

from kernel_bench import pool, task

from trx_core.models import STATUS_AFTER, Attempt, EventType, TaskStatus


def test_a_task_that_failed_waits_with_its_attempt_counted() -> None:
    one, cpu = task(1.0, priority=7, slots=2), pool("cpu")
    again = Attempt(one, cpu, 1, "greedy", 5.0).failed_task()
    assert again == replace(
        one, attempt=1, started_at=5.0, worker_id=cpu.id, algorithm_used="greedy"
    )
    assert again.status is TaskStatus.QUEUED


def test_a_task_that_runs_bears_the_number_of_its_attempt() -> None:
    one, cpu = task(1.0, attempt=2), pool("cpu")
    running = Attempt(one, cpu, 3, "greedy", 5.0).running_task()
    assert (running.status, running.attempt) == (TaskStatus.PROCESSING, 3)
    assert (running.worker_id, running.started_at) == (cpu.id, 5.0)


def test_the_first_start_is_kept_and_the_latest_pool() -> None:
    first, second = pool("first"), pool("second")
    once = Attempt(task(), first, 1, "greedy", 5.0).failed_task()
    twice = Attempt(once, second, 2, "fifo", 9.0).failed_task()
    assert (twice.started_at, twice.attempt) == (5.0, 2)
    assert (twice.worker_id, twice.algorithm_used) == (second.id, "fifo")


def test_an_attempt_that_starts_at_nought_has_started() -> None:
    once = Attempt(task(), pool("cpu"), 1, "a", 0.0).failed_task()
    assert Attempt(once, pool("cpu"), 2, "a", 3.0).failed_task().started_at == 0.0


def test_every_event_changes_the_status_and_no_end_is_left() -> None:
    assert {event for _, event in STATUS_AFTER} == set(EventType)
    left = {status for status, _ in STATUS_AFTER if status is not None}
    assert left == {status for status in TaskStatus if not status.ended}
    assert set(STATUS_AFTER.values()) == set(TaskStatus)
