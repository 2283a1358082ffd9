"""Pools that something befalls while a runner works."""

from __future__ import annotations

import time
from uuid import uuid4

from live_site import Site

from trx_core.models import Disruption, EventType, WorkerSpec
from trx_server.store import add_disruptions


async def test_pools_fail_for_a_time_and_come_back(site: Site) -> None:
    now = time.time()
    worker = WorkerSpec(kind="unreachable", params={"after": 0.01})
    await add_disruptions(
        site.pool, uuid4(), [Disruption(start=now, end=now + 4, region="eu", worker=worker)], now
    )
    async with site.runner(retry=site.settings.retry.model_copy(update={"max_attempts": 50})):
        tasks = await site.accept(5)
        await site.ended()
    assert await site.status() == {"completed": 5}
    log = await site.log()
    retried = [e for e in log if e.event_type is EventType.RETRIED]
    assert retried and all("does not answer" in str(e.details) for e in retried)
    done = [e.timestamp for e in log if e.event_type is EventType.COMPLETED]
    assert min(done) >= now + 4
    assert {e.task_id for e in retried} <= {task.id for task in tasks}
