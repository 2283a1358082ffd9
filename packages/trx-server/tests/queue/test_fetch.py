"""Who gets which tasks, in what order."""

from __future__ import annotations

from collections import Counter

import anyio
import pytest
from redis.asyncio import Redis

from trx_core.protocols import Delivery, Order, QueueDepth, TaskQueue
from trx_server.queue import RedisQueue

from .harness import MakeTasks, OpenQueue

PARTITIONS = pytest.mark.parametrize("partitions", [1, 3])
ORDERS = pytest.mark.parametrize("order", list(Order))


def priorities(found: list[Delivery]) -> Counter[int]:
    return Counter(entry.task.priority for entry in found if entry.task)


async def drain(queue: RedisQueue, order: Order, room: int) -> list[Delivery]:
    found: list[Delivery] = []
    while batch := await queue.fetch(room, order, wait=0):
        found += batch
        await queue.ack([entry.receipt for entry in batch])
    return found


async def test_is_a_task_queue(open_queue: OpenQueue) -> None:
    assert isinstance(open_queue(), TaskQueue)


@PARTITIONS
@ORDERS
async def test_four_consumers_drain_each_task_once_and_leave_nothing(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis, order: Order, partitions: int
) -> None:
    tasks = make_tasks([1 + index % 10 for index in range(5000)])
    publisher = open_queue("publisher", partitions=partitions)
    found: list[Delivery] = []

    async def consume(name: str) -> None:
        found.extend(await drain(open_queue(name, partitions=partitions), order, 70))

    async with anyio.create_task_group() as group:
        for start in range(0, len(tasks), 500):
            await publisher.publish(tasks[start : start + 500])
            if start == 1000:
                for index in range(4):
                    group.start_soon(consume, f"consumer-{index}")

    found += await drain(publisher, order, 500)
    assert sorted(entry.task.id for entry in found if entry.task) == [task.id for task in tasks]
    assert await publisher.depth() == QueueDepth(0, 0, 0)
    lanes = [key async for key in client.scan_iter("trx:*:lane:*")]
    assert [await client.xlen(lane) for lane in lanes] == [0] * (3 * partitions)


@PARTITIONS
async def test_an_urgent_task_does_not_wait_behind_a_backlog(
    open_queue: OpenQueue, make_tasks: MakeTasks, partitions: int
) -> None:
    queue = open_queue(partitions=partitions)
    await queue.publish(make_tasks([1] * 2000))
    await queue.publish(make_tasks([10]))
    assert 10 in priorities(await queue.fetch(12, Order.PRIORITY, wait=0))


async def test_no_lane_starves_however_small_the_window(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    queue = open_queue()
    await queue.publish(make_tasks([10] * 100 + [5] * 100 + [1] * 100))
    found = [entry for _ in range(24) for entry in await queue.fetch(1, Order.PRIORITY, wait=0)]
    assert priorities(found) == {10: 16, 5: 6, 1: 2}


@PARTITIONS
async def test_what_a_lane_leaves_goes_to_the_others(
    open_queue: OpenQueue, make_tasks: MakeTasks, partitions: int
) -> None:
    queue = open_queue(partitions=partitions)
    await queue.publish(make_tasks([10] * 3 + [1] * 60))
    assert priorities(await queue.fetch(50, Order.PRIORITY, wait=0)) == {10: 3, 1: 47}


async def test_arrival_order_is_total_whatever_the_priorities(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    tasks = make_tasks([1, 10, 5, 9, 1, 2, 7] * 100)
    queue = open_queue()
    for start in range(0, len(tasks), 50):
        await queue.publish(tasks[start : start + 50])
    found = await drain(queue, Order.ARRIVAL, 90)
    assert [entry.task for entry in found] == tasks


async def test_arrival_order_survives_a_lost_sequence(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    tasks = make_tasks([1, 10, 5, 1])
    queue = open_queue()
    await queue.publish(tasks[:2])
    await client.delete("trx:{p0}:seq")
    await queue.publish(tasks[2:])
    assert [entry.task for entry in await queue.fetch(9, Order.ARRIVAL, wait=0)] == tasks


async def test_the_order_may_change_from_call_to_call(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    tasks = make_tasks([1, 1, 1, 10, 1])
    queue = open_queue()
    await queue.publish(tasks)
    [urgent] = await queue.fetch(1, Order.PRIORITY, wait=0)
    assert urgent.task == tasks[3]
    rest = await queue.fetch(9, Order.ARRIVAL, wait=0)
    assert [entry.task for entry in rest] == [*tasks[:3], tasks[4]]


@ORDERS
async def test_no_more_than_there_is_room_for(
    open_queue: OpenQueue, make_tasks: MakeTasks, order: Order
) -> None:
    queue = open_queue(partitions=3)
    await queue.publish(make_tasks([1, 5, 10] * 10))
    assert await queue.fetch(0, order, wait=0) == []
    assert len(await queue.fetch(7, order, wait=0)) == 7
    assert len(await queue.fetch(99, order, wait=0)) == 23


async def test_unknown_receipts_are_ignored(open_queue: OpenQueue, make_tasks: MakeTasks) -> None:
    queue = open_queue()
    await queue.publish(make_tasks([5]))
    [entry] = await queue.fetch(1, Order.PRIORITY, wait=0)
    await queue.ack(["", "nonsense", "7:high:1-0", "0:urgent:1-0", "0:high:1-0", entry.receipt])
    await queue.ack([entry.receipt])
    assert await queue.depth() == QueueDepth(0, 0, 0)
