"""What is in the streams: poison, and how much of what."""

from __future__ import annotations

import dataclasses

import pytest
from redis.asyncio import Redis

from trx_core.protocols import Order, QueueDepth
from trx_server.queue.connect import command

from .harness import MakeTasks, OpenQueue

LOW = "trx:{p0}:lane:low"


async def test_a_task_comes_out_as_it_went_in(open_queue: OpenQueue, make_tasks: MakeTasks) -> None:
    queue = open_queue()
    [plain] = make_tasks([7])
    task = dataclasses.replace(
        plain, cost=2.5, region="eu", metadata={"ключ": ["\n", None, 1.5]}, attempt=2, slots=3
    )
    await queue.publish([task])
    [entry] = await queue.fetch(1, Order.PRIORITY, wait=0)
    assert entry == (entry.receipt, task, None, 1)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize(
    ("fields", "raw"),
    [
        ({"t": b"{broken"}, {"t": "{broken"}),
        ({"t": b"{}"}, {"t": "{}"}),
        ({"t": b"\xff\x00\x01"}, {"t": "\\xff\\x00\x01"}),
        ({"who": b"knows", "t2": b""}, {"who": "knows", "t2": ""}),
    ],
)
async def test_poison_is_delivered_raw_and_can_be_settled(
    open_queue: OpenQueue,
    make_tasks: MakeTasks,
    client: Redis,
    order: Order,
    fields: dict[str, bytes],
    raw: dict[str, str],
) -> None:
    queue = open_queue()
    tasks = make_tasks([1, 1])
    await queue.publish(tasks[:1])
    await command(client, "XADD", LOW, "*", *(item for pair in fields.items() for item in pair))
    await queue.publish(tasks[1:])
    found = await queue.fetch(9, order, wait=0)
    assert [entry.task for entry in found] == [tasks[0], None, tasks[1]]
    assert found[1].raw == raw
    await queue.ack([entry.receipt for entry in found])
    assert await queue.depth() == QueueDepth(0, 0, 0)


async def test_poison_among_the_delayed_is_delivered_too(
    open_queue: OpenQueue, client: Redis
) -> None:
    queue = open_queue()
    await client.zadd("trx:{p0}:delayed", {"poison": 1.0})
    [entry] = await queue.fetch(9, Order.PRIORITY, wait=0)
    assert (entry.task, entry.raw) == (None, {"t": "poison"})
    assert await queue.depth() == QueueDepth(lag=0, pending=1, delayed=0)


async def test_depth_counts_what_is_not_settled(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    queue = open_queue(partitions=2)
    await queue.publish(make_tasks([1, 5, 10] * 20))
    await queue.publish(make_tasks([5, 5]), due=[1e11, 1e11])
    found = await queue.fetch(25, Order.PRIORITY, wait=0)
    await queue.ack([entry.receipt for entry in found[:10]])
    depth = await queue.depth()
    assert depth == QueueDepth(lag=35, pending=15, delayed=2)
    assert depth.total == 52


async def test_depth_is_right_after_undelivered_entries_were_deleted(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    queue = open_queue()
    await queue.publish(make_tasks([1] * 300))
    held = await queue.fetch(100, Order.PRIORITY, wait=0)
    ids = [entry[0] for entry in await command(client, "XRANGE", LOW, "-", "+", "COUNT", 220)]
    await command(client, "XDEL", LOW, *ids[150:160], *ids[200:205])
    assert await queue.depth() == QueueDepth(lag=185, pending=100, delayed=0)
    await queue.ack([entry.receipt for entry in held])
    await queue.fetch(75, Order.PRIORITY, wait=0)
    assert await queue.depth() == QueueDepth(lag=110, pending=75, delayed=0)
    await queue.publish(make_tasks([1] * 5))
    assert await queue.depth() == QueueDepth(lag=115, pending=75, delayed=0)
