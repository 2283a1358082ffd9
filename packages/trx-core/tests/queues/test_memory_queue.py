"""The queue in memory, as its consumers see it."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

from trx_core.clock import VirtualClock
from trx_core.ids import IdFactory
from trx_core.models import Task
from trx_core.protocols import Order, TaskQueue
from trx_core.queues import MemoryQueue

IDS = IdFactory(random.Random(2))
LONG = 30.0


def task() -> Task:
    return Task(id=IDS.one(0.0), type="work")


def test_it_is_a_task_queue() -> None:
    async def run() -> bool:
        return isinstance(MemoryQueue(), TaskQueue)

    assert asyncio.run(run())


def test_a_waiting_consumer_gets_what_is_published() -> None:
    async def run() -> None:
        queue, sent = MemoryQueue(), task()
        fetching = asyncio.create_task(queue.fetch(10, Order.PRIORITY, wait=LONG))
        await asyncio.sleep(0)
        await queue.publish([sent])
        (delivery,) = await fetching
        assert delivery.task == sent
        await queue.ack([delivery.receipt])
        assert (await queue.depth()).total == 0

    asyncio.run(run())


def test_consumers_share_the_entries() -> None:
    async def run() -> None:
        queue, sent = MemoryQueue(), [task() for _ in range(6)]
        fetching = [asyncio.create_task(queue.fetch(2, Order.ARRIVAL, wait=LONG)) for _ in range(3)]
        await asyncio.sleep(0)
        await queue.publish(sent)
        got: list[UUID] = []
        for batch in await asyncio.gather(*fetching):
            got += [delivery.task.id for delivery in batch if delivery.task is not None]
        assert sorted(got) == sorted(t.id for t in sent)

    asyncio.run(run())


def test_a_waiting_consumer_gets_a_delayed_entry_when_it_is_due() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()

        class LoopClock:
            def now(self) -> float:
                return loop.time()

        queue, sent = MemoryQueue(LoopClock()), task()
        due = loop.time() + 0.02
        await queue.publish([sent], due=[due])
        (delivery,) = await queue.fetch(10, Order.PRIORITY, wait=LONG)
        assert delivery.task == sent
        assert loop.time() >= due

    asyncio.run(run())


def test_nothing_is_given_before_its_time() -> None:
    async def run() -> None:
        clock = VirtualClock()
        queue = MemoryQueue(clock)
        await queue.publish([task()], due=[5.0])
        assert await queue.fetch(10, Order.PRIORITY, wait=0.0) == []
        clock.advance(5.0)
        assert len(await queue.fetch(10, Order.PRIORITY, wait=0.0)) == 1

    asyncio.run(run())


def test_a_consumer_without_room_gets_nothing_at_once() -> None:
    async def run() -> None:
        queue = MemoryQueue()
        await queue.publish([task()])
        assert await queue.fetch(0, Order.PRIORITY, wait=LONG) == []
        assert (await queue.depth()).lag == 1

    asyncio.run(run())
