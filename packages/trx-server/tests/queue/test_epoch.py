"""A Redis that was flushed, replaced or restarted."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from trx_core.protocols import Order, QueueDepth
from trx_server.queue.connect import command

from .harness import MakeTasks, OpenQueue

LANES = ["trx:{p0}:lane:high", "trx:{p0}:lane:normal", "trx:{p0}:lane:low"]


async def test_all_agree_on_the_epoch(open_queue: OpenQueue, make_tasks: MakeTasks) -> None:
    one, two = open_queue("one", partitions=2), open_queue("two", partitions=2)
    epoch = await one.ensure()
    assert await two.append(make_tasks([5])) == epoch
    assert await two.ensure() == one.epoch == two.epoch == epoch
    assert await open_queue("three", partitions=3).ensure() != epoch


@pytest.mark.parametrize(
    "operation", ["publish", "fetch", "fetch in order", "keep alive", "adopt", "depth", "forget"]
)
async def test_every_operation_notices_a_flush_and_goes_on(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis, operation: str
) -> None:
    queue = open_queue()
    await queue.publish(make_tasks([5] * 10))
    before = queue.epoch
    await client.flushall()
    match operation:
        case "publish":
            assert await queue.append(make_tasks([5])) != before
        case "fetch":
            assert await queue.fetch(5, Order.PRIORITY, wait=0) == []
        case "fetch in order":
            assert await queue.fetch(5, Order.ARRIVAL, wait=0) == []
        case "keep alive":
            assert await queue.keep_alive(["0:high:1-0"]) == ["0:high:1-0"]
        case "adopt":
            assert await queue.adopt(0, 5) == []
        case "depth":
            assert await queue.depth() == QueueDepth(0, 0, 0)
        case "forget":
            assert await queue.forget("one")
    assert queue.epoch != before
    epoch = queue.epoch
    tasks = make_tasks([1, 10])
    assert await queue.append(tasks) == epoch
    found = await queue.fetch(50, Order.ARRIVAL, wait=0)
    assert [entry.task for entry in found][-2:] == tasks


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("lane", LANES)
async def test_a_lost_stream_is_a_new_epoch(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis, lane: str, order: Order
) -> None:
    queue = open_queue()
    before = await queue.append(make_tasks([1, 5, 10]))
    await client.delete(lane)
    found = await queue.fetch(9, order, wait=0)
    assert queue.epoch != before
    assert len(found) + len(await queue.adopt(0, 9)) >= 2


async def test_a_lost_group_is_a_new_epoch_and_its_entries_come_again(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    queue = open_queue()
    before = await queue.append(make_tasks([1, 1]))
    await command(client, "XGROUP", "DESTROY", LANES[2], "runners")
    assert len(await queue.fetch(9, Order.PRIORITY, wait=0)) == 2
    assert queue.epoch != before


async def test_another_server_process_is_a_new_epoch(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    queue = open_queue()
    tasks = make_tasks([5])
    await queue.publish(tasks)
    await client.set("trx:{p0}:epoch", "0badc0de-of-a-former-process")
    epoch = await queue.ensure()
    assert epoch == await queue.ensure() != "0badc0de-of-a-former-process"
    assert [entry.task for entry in await queue.fetch(1, Order.PRIORITY, wait=0)] == tasks


async def test_receipts_of_a_lost_epoch_settle_nothing_of_the_new_one(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    queue = open_queue()
    await queue.publish(make_tasks([5] * 10))
    old = [entry.receipt for entry in await queue.fetch(10, Order.PRIORITY, wait=0)]
    await client.flushall()
    await queue.publish(make_tasks([5] * 10))
    found = await queue.fetch(10, Order.PRIORITY, wait=0)
    await queue.ack(old)
    assert await queue.keep_alive(old) == old
    assert await queue.keep_alive([entry.receipt for entry in found]) == []
    assert await queue.depth() == QueueDepth(lag=0, pending=10, delayed=0)


async def test_scripts_are_sent_again_when_the_server_has_forgotten_them(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    queue = open_queue()
    await queue.publish(make_tasks([5]))
    await command(client, "SCRIPT", "FLUSH")
    assert len(await queue.fetch(1, Order.PRIORITY, wait=0)) == 1
