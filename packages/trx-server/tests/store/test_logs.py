"""Reading the schedule log."""

from __future__ import annotations

from typing import Any

from trx_core.models import EventType, ScheduleLog
from trx_server.store import LogFilter, list_logs, settle

from .harness import NOW, Ledger, attempts_at, completed


async def test_rows_come_in_order_and_page_by_page(ledger: Ledger) -> None:
    tasks = await ledger.accept(5)
    await ledger.claim(attempts_at(tasks))
    seen: list[ScheduleLog] = []
    after = None
    while page := await list_logs(ledger.pool, LogFilter(), after, 4):
        assert len(page) <= 4
        seen += page
        after = page[-1].id

    assert [row.event_type for row in seen] == [EventType.ENQUEUED] * 5 + [EventType.DISPATCHED] * 5
    assert [row.task_id for row in seen] == [task.id for task in tasks] * 2
    assert seen[0].timestamp == NOW
    assert seen[0].details == {
        "type": "infer",
        "priority": 5,
        "cost": 1.0,
        "slots": 1,
        "region": None,
    }


async def test_filters_join(ledger: Ledger) -> None:
    one, two = await ledger.running(2)
    await settle(ledger.pool, ledger.runner, [completed(one)], ledger.ids, NOW)

    async def listed(**wanted: Any) -> list[tuple[Any, str]]:
        rows = await list_logs(ledger.pool, LogFilter(**wanted), None, 100)
        return [(row.task_id, row.event_type.value) for row in rows]

    first, second = one.task.id, two.task.id
    assert await listed(task_id=first) == [
        (first, "enqueued"),
        (first, "dispatched"),
        (first, "completed"),
    ]
    assert await listed(event_type=EventType.COMPLETED) == [(first, "completed")]
    assert await listed(since=NOW + 1, until=NOW + 2) == [
        (first, "dispatched"),
        (second, "dispatched"),
    ]
    assert await listed(task_id=second, since=NOW + 2) == []
