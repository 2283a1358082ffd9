"""What does not fit into the way to the stream is left to the relay, and told."""

from __future__ import annotations

import logging

import anyio
import pytest
from live_site import Site

from trx_server.accept import Publisher, publisher


async def test_it_is_told_once_when_tasks_are_left_and_once_how_many(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(publisher, "MOST_WAITING", 10)
    flow = Publisher(site.queue, site.pool)
    with caplog.at_level(logging.WARNING):
        flow.publish(site.make(8))
        flow.publish(site.make(3))
        flow.publish(site.make(4))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(flow.run)
            await flow.drained()
            flow.publish(site.make(1))
            flow.publish(site.make(1))
            await flow.drained()
            tasks.cancel_scope.cancel()
    assert [record.getMessage() for record in caplog.records] == [
        "8 tasks wait to be published; more are left to the relay",
        "7 tasks were left to the relay; there is room again",
    ]
    assert (await site.queue.depth()).lag == 10
