"""Checks of what a queue delivers, and to whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from trx_core.protocols import Delivery, Order, TaskQueue
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.queues.stage import SETTLE, QueueSubject, drain, ids_of, receipts_of, scene
from trx_core.testing.samples import sample_tasks

__all__ = [
    "bears_a_backlog",
    "bears_emptiness",
    "delivers_once",
    "hands_over_poison",
    "keeps_tasks_whole",
    "keeps_to_room",
    "shares_out",
    "takes_tasks_again",
]

BATCHES: Final = (1, 99, 150, 250, 1_000, 2_500)
USUAL: Final = 24
SLOTS: Final = (5, 8, 16, 33, 64, 65, 128, 1_000)
ATTEMPTS: Final = (*range(3, 21), 100)
BACKLOG: Final = 12_000
STRETCH: Final = 200


@scene()
async def delivers_once(subject: QueueSubject, queue: TaskQueue) -> None:
    """Every task of every batch that was published is delivered, and none of them twice while
    nobody dies: whatever the size of the batch, be it of thousands, in either order of fetching.
    Each is counted as delivered once.
    """
    for seed, order in enumerate(Order):
        tasks = sample_tasks(sum(BATCHES), seed=seed)
        start = 0
        for size in BATCHES:
            await queue.publish(tasks[start : start + size])
            start += size
        found = await drain(queue, len(tasks), order)
        _compare(ids_of(tasks), ids_of(found))
        for count in {delivery.delivered for delivery in found} - {1}:
            raise CheckFailure(f"what it delivers for the first time it counts as {count!r} times")


@scene()
async def keeps_tasks_whole(subject: QueueSubject, queue: TaskQueue) -> None:
    """A task arrives equal to what was published in every field: metadata in any script and as
    deep as JSON goes, floats to the last bit, fields that are not given; of a thousand slots, and
    after a hundred attempts. The batch is its caller's, who may use it again.
    """
    usual, wide = sample_tasks(USUAL), sample_tasks(len(SLOTS), seed=2)
    late = sample_tasks(len(ATTEMPTS), seed=3)
    sent = [
        *usual,
        *(replace(task, slots=slots) for task, slots in zip(wide, SLOTS, strict=True)),
        *(replace(task, attempt=number) for task, number in zip(late, ATTEMPTS, strict=True)),
    ]
    tasks = {task.id: task for task in sent}
    batch = list(tasks.values())
    await queue.publish(batch)
    if batch != list(tasks.values()):
        raise CheckFailure("it changed the batch that it was given")
    batch.clear()
    left = dict(tasks)
    for delivery in await drain(queue, len(tasks)):
        if delivery.task is None:
            raise CheckFailure(f"it could not read what it was given: {delivery.raw}")
        if delivery.task != tasks[delivery.task.id]:
            raise CheckFailure(f"{tasks[delivery.task.id]} became {delivery.task}")
        left.pop(delivery.task.id, None)
    for task in left.values():
        raise CheckFailure(f"it did not deliver {task}")


@scene()
async def keeps_to_room(subject: QueueSubject, queue: TaskQueue) -> None:
    """A fetch gives at most as many tasks as there is room for; with no room, none. A runner's
    window is bounded by this.
    """
    await queue.publish(sample_tasks(40))
    for order in Order:
        for room in (0, 1, 7):
            given = len(await queue.fetch(room, order, wait=0.0))
            if given > room:
                raise CheckFailure(f"it gave {given} tasks where there was room for {room}")


@scene(consumers=4)
async def shares_out(subject: QueueSubject, *queues: TaskQueue) -> None:
    """Several consumers that fetch at the same time, while tasks are still published, get every
    task once, between them.
    """
    tasks = sample_tasks(400)
    found: list[Delivery] = []
    published = asyncio.Event()

    async def consume(queue: TaskQueue) -> None:
        empty = False
        while not (empty and published.is_set()) and len(found) <= len(tasks):
            batch = await queue.fetch(7, Order.PRIORITY, wait=SETTLE)
            found.extend(batch)
            await queue.ack(receipts_of(batch))
            await asyncio.sleep(0)
            empty = not batch

    async def publish() -> None:
        for start in range(0, len(tasks), 50):
            await queues[0].publish(tasks[start : start + 50])
            await asyncio.sleep(0)
        published.set()

    async with asyncio.TaskGroup() as group:
        for queue in queues[1:]:
            group.create_task(consume(queue))
        group.create_task(publish())
    found += await drain(queues[0], len(tasks))
    _compare(ids_of(tasks), ids_of(found))


@scene()
async def takes_tasks_again(subject: QueueSubject, queue: TaskQueue) -> None:
    """A task that was delivered may be published again, as a retry is, and is delivered again:
    whether it is acknowledged before or, as a runner does, so that nothing is lost, afterwards.
    """
    tasks = sample_tasks(10)
    for _ in range(2):
        await queue.publish(tuple(tasks))
        _compare(ids_of(tasks), ids_of(await drain(queue, len(tasks))))
    await queue.publish(tuple(tasks))
    held = await queue.fetch(len(tasks), Order.ARRIVAL, wait=1.0)
    await queue.publish(tuple(tasks))
    await queue.ack(receipts_of(held))
    _compare(ids_of(tasks), ids_of(await drain(queue, len(tasks))))


@scene()
async def bears_a_backlog(subject: QueueSubject, queue: TaskQueue) -> None:
    """Twelve thousand tasks that nobody fetches are kept, and delivered once: what bounds a queue
    is said when it is published to, by an error, and never by losing something.
    """
    tasks = [replace(task, metadata={}) for task in sample_tasks(BACKLOG)]
    for start in range(0, BACKLOG, STRETCH):
        await queue.publish(tasks[start : start + STRETCH])
    held = (await queue.depth()).total
    if held != BACKLOG:
        raise CheckFailure(f"of {BACKLOG:,} tasks that were published it holds {held:,}")
    _compare(ids_of(tasks), ids_of(await drain(queue, BACKLOG, room=5 * STRETCH)))


@scene()
async def bears_emptiness(subject: QueueSubject, queue: TaskQueue) -> None:
    """An empty batch can be published and acknowledged, and an empty queue can be fetched from and
    measured.
    """
    await queue.publish([])
    await queue.publish([], due=[])
    await queue.ack([])
    if await queue.fetch(10, Order.ARRIVAL, wait=0.0):
        raise CheckFailure("it delivers though nothing was published")
    if (await queue.depth()).total:
        raise CheckFailure(f"it says that it holds {await queue.depth()} though it is empty")


@scene()
async def hands_over_poison(subject: QueueSubject, queue: TaskQueue) -> None:
    """An entry that cannot be read is handed over without a task, with the entry as it stands, can
    be acknowledged, and keeps nobody from the tasks around it.
    """
    if subject.poison is None:
        raise NotApplicable("there is no way to put an entry in it that cannot be read")
    tasks = sample_tasks(6)
    await queue.publish(tasks[:3])
    await subject.poison(queue)
    await queue.publish(tasks[3:])
    found = await drain(queue, len(tasks) + 1)
    bad = [delivery for delivery in found if delivery.task is None]
    if len(bad) != 1 or not bad[0].raw:
        raise CheckFailure(f"of one entry that cannot be read it made {bad}")
    _compare(ids_of(tasks), ids_of(found))
    if (await queue.depth()).total:
        raise CheckFailure("what cannot be read stays in it though it was acknowledged")


def _compare(sent: Sequence[int], got: Sequence[int]) -> None:
    lost = Counter(sent) - Counter(got)
    more = Counter(got) - Counter(sent)
    if lost:
        raise CheckFailure(f"it lost {lost.total()} of {len(sent)} tasks")
    if more:
        raise CheckFailure(f"it delivered {more.total()} tasks more often than they were published")
