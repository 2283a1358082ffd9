"""The queue on Redis streams keeps the contract of queues."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest
from redis.asyncio import Redis

from trx_core.capabilities import QueueCapabilities
from trx_core.protocols import TaskQueue
from trx_core.testing import QueueSuite, check_spec
from trx_server.plugin import trx_register_queues
from trx_server.queue import redis_queue
from trx_server.queue.keys import partition_keys, stream_keys

NUMBERS = count(1)


class TestRedisQueue(QueueSuite):
    capabilities = QueueCapabilities(adopts=True)
    partitions = 1

    @pytest.fixture(autouse=True)
    def server(self, redis_url: str) -> None:
        self.url = redis_url

    def consumers(self, count: int) -> Sequence[TaskQueue]:
        self.namespace = f"conformance-{next(NUMBERS)}"
        return [
            redis_queue(
                self.url,
                namespace=self.namespace,
                partitions=self.partitions,
                consumer=f"consumer-{index}",
            )
            for index in range(count)
        ]

    async def poison(self, queue: TaskQueue) -> None:
        stream, *_ = stream_keys(partition_keys(self.namespace, 0))
        async with Redis.from_url(self.url) as client:
            await client.xadd(stream, {"t": b"\xff not a task"})


class TestRedisQueueOfThreePartitions(TestRedisQueue):
    capabilities = QueueCapabilities(adopts=True, total_order=False)
    partitions = 3


def test_the_registered_queue_is_checked_by_its_url(redis_url: str) -> None:
    (spec, *_) = trx_register_queues()
    results = check_spec(spec, {"url": redis_url})
    assert [one.check.id for one in results if one.failed] == []
    assert [one.check.id for one in results if one.skipped] == ["queue.poison"]
