"""Queues and clients on the session's real server."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from trx_core.ids import IdFactory
from trx_core.models import Task
from trx_server.queue import RedisQueue, open_redis

from .harness import MakeTasks, OpenQueue


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    client = await open_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def open_queue(client: Redis) -> AsyncIterator[OpenQueue]:
    """Opens queues that are closed after the test."""
    async with AsyncExitStack() as stack:

        def open_queue(consumer: str = "one", **options: Any) -> RedisQueue:
            queue = RedisQueue(client, consumer=consumer, **options)
            stack.push_async_callback(queue.aclose)
            return queue

        yield open_queue


@pytest.fixture
def make_tasks() -> MakeTasks:
    """Makes a task of each priority, in the order of their ids."""
    ids = IdFactory(random.Random(1))

    def make(priorities: Sequence[int]) -> list[Task]:
        now = time.time()
        return [
            Task(id=ids.one(now), type="resize", priority=priority, enqueued_at=now)
            for priority in priorities
        ]

    return make
