"""Entries of consumers that stopped, and of those that did not."""

from __future__ import annotations

import anyio
import pytest
from redis.asyncio import Redis

from trx_core.protocols import Order, QueueDepth

from .harness import MakeTasks, OpenQueue

IDLE = 0.3


@pytest.mark.parametrize("partitions", [1, 3])
async def test_entries_are_adopted_when_nobody_keeps_them_alive(
    open_queue: OpenQueue, make_tasks: MakeTasks, partitions: int
) -> None:
    dead, alive, heir = (
        open_queue(name, partitions=partitions) for name in ("dead", "alive", "heir")
    )
    await heir.publish(make_tasks([10, 5, 1] * 4))
    left = await dead.fetch(6, Order.ARRIVAL, wait=0)
    kept = await alive.fetch(6, Order.ARRIVAL, wait=0)
    for _ in range(4):
        await anyio.sleep(IDLE / 3)
        assert await alive.keep_alive([entry.receipt for entry in kept]) == []
    adopted = await heir.adopt(IDLE, 4)
    adopted += await heir.adopt(IDLE, 100)
    tasks = {entry.receipt: entry.task for entry in left}
    assert {entry.receipt: entry.task for entry in adopted} == tasks
    assert {entry.delivered for entry in adopted} == {2}


async def test_keeping_alive_does_not_count_as_a_delivery(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    queue, heir = open_queue("one"), open_queue("heir")
    await queue.publish(make_tasks([5]))
    [entry] = await queue.fetch(1, Order.PRIORITY, wait=0)
    for _ in range(5):
        await queue.keep_alive([entry.receipt])
    [adopted] = await heir.adopt(0, 1)
    [again] = await queue.adopt(0, 1)
    assert (adopted.delivered, again.delivered) == (2, 3)


async def test_an_entry_that_was_adopted_is_not_taken_back_by_keeping_it_alive(
    open_queue: OpenQueue, make_tasks: MakeTasks
) -> None:
    slow, heir = open_queue("slow"), open_queue("heir")
    await slow.publish(make_tasks([5] * 200))
    receipts = [entry.receipt for entry in await slow.fetch(200, Order.PRIORITY, wait=0)]
    adopted = {entry.receipt for entry in await heir.adopt(0, 150)}
    await slow.ack(receipts[-1:])
    lost = await slow.keep_alive([*receipts, "0:high:5-0"])
    assert set(lost) == {*adopted, receipts[-1], "0:high:5-0"}
    assert await heir.keep_alive(sorted(adopted)) == []


async def test_entries_deleted_meanwhile_are_not_adopted(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    dead, heir = open_queue("dead"), open_queue("heir")
    await dead.publish(make_tasks([5] * 5))
    entries = await dead.fetch(5, Order.PRIORITY, wait=0)
    gone = [entry.receipt.rpartition(":")[2] for entry in entries[1:3]]
    await client.xdel("trx:{p0}:lane:normal", *gone)
    adopted = await heir.adopt(0, 10)
    assert [entry.receipt for entry in adopted] == [
        entry.receipt for entry in (entries[0], *entries[3:])
    ]
    assert await heir.depth() == QueueDepth(lag=0, pending=3, delayed=0)


async def test_a_consumer_is_forgotten_only_when_nothing_is_pending_for_it(
    open_queue: OpenQueue, make_tasks: MakeTasks, client: Redis
) -> None:
    async def consumers() -> set[bytes]:
        lanes = [f"trx:{{p0}}:lane:{name}" for name in ("high", "normal", "low")]
        found = [await client.xinfo_consumers(lane, "runners") for lane in lanes]
        return {consumer["name"] for lane in found for consumer in lane}

    dead, heir = open_queue("dead"), open_queue("heir")
    await dead.publish(make_tasks([5, 5, 10]))
    await dead.fetch(3, Order.PRIORITY, wait=0)
    assert not await heir.forget("dead")
    assert await heir.depth() == QueueDepth(lag=0, pending=3, delayed=0)
    assert len(await heir.adopt(0, 10)) == 3
    assert await heir.forget("dead")
    assert b"dead" not in await consumers()
    assert await heir.forget("never seen")
