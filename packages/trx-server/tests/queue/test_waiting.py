"""Waiting for tasks, and tasks that wait for their time."""

from __future__ import annotations

import time

import anyio
import pytest
from redis.asyncio import Redis

from trx_core.clock import VirtualClock
from trx_core.protocols import Delivery, Order, QueueDepth
from trx_server.queue import RedisQueue

from .harness import MakeTasks, OpenQueue

LONG = 60.0
"""Seconds that no test waits: what is fetched has woken the reader."""


async def fetch_while(
    queue: RedisQueue, publisher: RedisQueue, make_tasks: MakeTasks, delay: float | None = None
) -> list[Delivery]:
    """What a reader gets that was waiting when three tasks were published."""
    found: list[Delivery] = []

    async def wait() -> None:
        found.extend(await queue.fetch(50, Order.PRIORITY, wait=LONG))

    with anyio.fail_after(LONG / 2):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.sleep(0.2)
            due = None if delay is None else [time.time() + delay] * 3
            await publisher.publish(make_tasks([1, 5, 10]), due=due)
    return found


@pytest.mark.parametrize("partitions", [1, 3])
async def test_news_of_any_partition_wakes_and_the_room_is_filled(
    open_queue: OpenQueue, make_tasks: MakeTasks, partitions: int
) -> None:
    queue, publisher = (open_queue(name, partitions=partitions) for name in ("one", "two"))
    for _ in range(3):
        found = await fetch_while(queue, publisher, make_tasks)
        while len(found) < 3:
            found += await queue.fetch(50, Order.PRIORITY, wait=LONG)
        assert len(found) == 3
        await queue.ack([entry.receipt for entry in found])


async def test_waiting_ends_in_time_with_nothing(open_queue: OpenQueue) -> None:
    assert await open_queue().fetch(5, Order.ARRIVAL, wait=0.05) == []


async def test_entries_of_other_consumers_do_not_end_the_waiting(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    one, other = open_queue("one"), open_queue("other")
    await one.publish(make_tasks([5] * 10))
    assert len(await other.fetch(10, Order.PRIORITY, wait=0)) == 10
    assert await one.fetch(10, Order.PRIORITY, wait=0.05) == []


async def test_a_cancelled_wait_takes_nothing(open_queue: OpenQueue, make_tasks: MakeTasks) -> None:
    queue = open_queue()
    with anyio.move_on_after(0.1):
        await queue.fetch(5, Order.PRIORITY, wait=LONG)
    tasks = make_tasks([5, 5])
    await queue.publish(tasks)
    assert [entry.task for entry in await queue.fetch(5, Order.PRIORITY, wait=0)] == tasks


async def test_a_delayed_task_is_not_there_before_it_is_due(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    clock = VirtualClock(1000.0)
    queue = open_queue(clock=clock)
    now, soon, later = make_tasks([1, 10, 5])
    await queue.publish([later, soon, now], due=[1060.0, 1030.5, 999.0])
    assert await queue.depth() == QueueDepth(lag=1, pending=0, delayed=2)
    for instant, due in ((1000.0, [now]), (1030.25, []), (1030.5, [soon]), (1100.0, [later])):
        clock.advance(instant)
        assert [entry.task for entry in await queue.fetch(9, Order.ARRIVAL, wait=0)] == due


async def test_many_that_are_due_at_once_all_come(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    clock = VirtualClock(0.0)
    queue = open_queue(clock=clock)
    tasks = make_tasks([5] * 2500)
    await queue.publish(tasks, due=[1.0] * len(tasks))
    clock.advance(2.0)
    found = []
    while batch := await queue.fetch(5000, Order.PRIORITY, wait=0):
        found += batch
    assert {entry.task.id for entry in found if entry.task} == {task.id for task in tasks}
    assert await queue.depth() == QueueDepth(0, 2500, 0)


async def test_a_reader_wakes_when_a_task_becomes_due(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    found = await fetch_while(open_queue("one"), open_queue("two"), make_tasks, delay=0.3)
    assert len(found) == 3


async def test_what_wakes_readers_does_not_grow(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    queue = open_queue()
    for step in range(20):
        await queue.publish(make_tasks([5]), due=[time.time() + 1000 - step])
    assert await client.xlen("trx:{p0}:wake") == 1
