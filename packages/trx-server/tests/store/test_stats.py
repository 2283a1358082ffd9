"""How the service stands."""

from __future__ import annotations

import time

from trx_core.models import EventType, TaskStatus
from trx_server.store import cancel_task, mark_published, read_stats, settle

from .harness import NOW, Ledger, completed, dead, retried


async def test_an_empty_ledger(ledger: Ledger) -> None:
    stats = await read_stats(ledger.pool)

    assert stats.tasks == dict.fromkeys(TaskStatus, 0)
    assert stats.last_minute == dict.fromkeys(EventType, 0)
    assert stats[2:] == (0, 0, None, 1, 0)


async def test_everything_is_counted(ledger: Ledger) -> None:
    now = time.time()
    _, published, cancelled = await ledger.accept(3, enqueued_at=now - 100)
    await mark_published(ledger.pool, [published], "e")
    await cancel_task(ledger.pool, cancelled.id, ledger.ids, now)
    done, again, failed, _ = await ledger.running(4)
    ends = [
        completed(done)._replace(at=now),
        retried(again)._replace(at=now, due=now + 60),
        dead(failed)._replace(at=NOW),
    ]
    await settle(ledger.pool, ledger.runner, ends, ledger.ids, now)
    await ledger.another_runner(lease_seconds=0)

    stats = await read_stats(ledger.pool)

    assert stats.tasks == {
        TaskStatus.QUEUED: 3,
        TaskStatus.PROCESSING: 1,
        TaskStatus.COMPLETED: 1,
        TaskStatus.FAILED: 1,
        TaskStatus.CANCELLED: 1,
    }
    assert stats.last_minute == dict.fromkeys(EventType, 0) | {
        EventType.CANCELLED: 1,
        EventType.COMPLETED: 1,
        EventType.RETRIED: 1,
    }
    assert (stats.unpublished, stats.delayed) == (2, 1)
    assert stats.oldest_queued is not None
    assert 100 <= stats.oldest_queued < 200
    assert (stats.runners, stats.dead_letters) == (1, 1)
