"""Accepting, finding and listing tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from trx_core.models import Task, TaskStatus
from trx_server.store import TaskFilter, get_task, insert_tasks, list_tasks, settle

from .harness import NOW, POOL, Ledger, completed

HARD_METADATA = {
    "text": 'Grüße, 世界 🚀 "quoted" \\ and \\u0000 \x01',
    "nested": {"list": [1, -1.5, None, True, {"deep": []}], "empty": {}},
    "big": 2**63 - 1,
    "tiny": 5e-324,
    "huge": 1.7976931348623157e308,
}


async def test_a_task_comes_back_as_it_was_accepted(ledger: Ledger) -> None:
    task = Task(
        id=ledger.ids.one(NOW),
        type="infer/llama-3",
        priority=10,
        cost=1e-9,
        region="eu-west",
        enqueued_at=NOW + 0.000001,
        metadata=HARD_METADATA,
        slots=10_000,
        resource_type="gpu",
        deadline=NOW + 0.123457,
        region_required=True,
    )
    bare = Task(id=ledger.ids.one(NOW), type="t", enqueued_at=0.0)

    assert await insert_tasks(ledger.pool, [task, bare], ledger.ids, NOW) == 2

    assert await get_task(ledger.pool, task.id) == task
    assert await get_task(ledger.pool, bare.id) == bare
    assert await get_task(ledger.pool, ledger.ids.one(NOW)) is None


async def test_accepting_again_changes_and_logs_nothing(ledger: Ledger) -> None:
    [attempt] = await ledger.running()
    await settle(ledger.pool, ledger.runner, [completed(attempt)], ledger.ids, NOW)
    fresh = Task(id=ledger.ids.one(NOW), type="infer", enqueued_at=NOW)

    added = await insert_tasks(ledger.pool, [attempt.task, fresh, fresh], ledger.ids, NOW)

    assert added == 1
    assert (await ledger.row(attempt.task))["status"] == "completed"
    assert await ledger.events(attempt.task) == ["enqueued", "dispatched", "completed"]
    assert await ledger.events(fresh) == ["enqueued"]


async def test_no_tasks_are_no_trouble(ledger: Ledger) -> None:
    assert await insert_tasks(ledger.pool, [], ledger.ids, NOW) == 0


async def test_ten_thousand_tasks_are_one_call(ledger: Ledger) -> None:
    tasks = await ledger.accept(10_000)

    assert await ledger.count("task WHERE status = 'queued' AND published_at IS NULL") == 10_000
    assert await ledger.count("schedule_log WHERE event_type = 'enqueued'") == 10_000
    assert await ledger.events(tasks[-1]) == ["enqueued"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"priority": 11}, asyncpg.CheckViolationError),
        ({"cost": -1.0}, asyncpg.CheckViolationError),
        ({"slots": 0}, asyncpg.CheckViolationError),
        ({"metadata": {"nul": "\0"}}, asyncpg.UntranslatableCharacterError),
        ({"priority": 2**40}, asyncpg.DataError),
    ],
)
async def test_one_bad_task_keeps_the_whole_batch_out(
    ledger: Ledger, fields: dict[str, Any], error: type[Exception]
) -> None:
    tasks = [Task(id=one, type="infer", enqueued_at=NOW) for one in ledger.ids.many(1000, NOW)]
    tasks[700] = replace(tasks[700], **fields)

    with pytest.raises(error):
        await insert_tasks(ledger.pool, tasks, ledger.ids, NOW)

    assert await ledger.count("task") == 0
    assert await ledger.count("schedule_log") == 0


async def test_pages_have_every_task_once_though_new_ones_arrive(ledger: Ledger) -> None:
    before = await ledger.accept(25)
    seen: list[Task] = []
    after = None
    while page := await list_tasks(ledger.pool, TaskFilter(), after, 10):
        seen += page
        after = page[-1].id
        await ledger.accept(7)

    assert [task.id for task in seen] == [task.id for task in reversed(before)]


async def test_filters_join(ledger: Ledger) -> None:
    plain = await ledger.accept()
    urgent = await ledger.accept(priority=9, region="eu", type="train")
    late = await ledger.accept(enqueued_at=NOW + 60)
    running = [attempt.task for attempt in await ledger.running(region="eu")]

    async def listed(**wanted: Any) -> set[str]:
        tasks = await list_tasks(ledger.pool, TaskFilter(**wanted), None, 100)
        return {str(task.id) for task in tasks}

    def ids(*groups: list[Task]) -> set[str]:
        return {str(task.id) for group in groups for task in group}

    assert await listed(status=TaskStatus.QUEUED) == ids(plain, urgent, late)
    assert await listed(type="train") == ids(urgent)
    assert await listed(region="eu") == ids(urgent, running)
    assert await listed(region="eu", priority=9) == ids(urgent)
    assert await listed(worker_id=POOL.id) == ids(running)
    assert await listed(algorithm_used="greedy", status=TaskStatus.PROCESSING) == ids(running)
    assert await listed(since=NOW + 60) == ids(late)
    assert await listed(until=NOW + 60, status=TaskStatus.QUEUED) == ids(plain, urgent)
    assert await listed(type="nothing") == set()
