"""Checks of when a queue delivers."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final

from trx_core.protocols import Delivery, Order, TaskQueue
from trx_core.testing.checks import CheckFailure
from trx_core.testing.queues.stage import QueueSubject, ids_of, receipts_of, scene
from trx_core.testing.samples import sample_tasks

__all__ = ["loses_nothing", "waits", "waits_until_due"]

SOON: Final = 0.3
SHORT: Final = 0.05
LONG: Final = 30.0


@scene()
async def waits_until_due(subject: QueueSubject, queue: TaskQueue) -> None:
    """A task published with a due time (seconds of the wall clock) is delivered then and not
    before, and a fetch that waits is woken by it; one whose time has passed is delivered at once.
    """
    late, soon = sample_tasks(2)
    await queue.publish([late], due=[time.time() - 1.0])
    if not await _one(queue, wait=1.0):
        raise CheckFailure("it holds back what has been due for a second")
    due = time.time() + SOON
    await queue.publish([soon], due=[due])
    early = await _one(queue, wait=0.0)
    if early and time.time() < due:
        raise CheckFailure(f"it delivered a task {due - time.time():.2f} s before it was due")
    found = early or await _one(queue, wait=LONG)
    if time.time() < due:
        raise CheckFailure("it delivered a task before it was due")
    if ids_of(found) != ids_of([soon]):
        raise CheckFailure(f"it did not deliver a task {LONG:g} s after it was due")


@scene(consumers=2)
async def waits(subject: QueueSubject, reader: TaskQueue, writer: TaskQueue) -> None:
    """A fetch from an empty queue waits for the first task as long as it is told, is woken when one
    is published, and comes back empty-handed when none is.
    """
    if await _one(reader, wait=0.0) or await _one(reader, wait=SHORT):
        raise CheckFailure("it delivers though nothing was published")
    fetching = asyncio.create_task(_one(reader, wait=LONG))
    await asyncio.sleep(SHORT)
    if fetching.done():
        raise CheckFailure(f"it was to wait {LONG:g} s for a task, and gave up at once")
    (task,) = sample_tasks(1)
    published = time.monotonic()
    await writer.publish([task])
    if ids_of(await fetching) != ids_of([task]) or time.monotonic() - published > LONG / 2:
        raise CheckFailure("a fetch that waits is not woken by a task that is published")


@scene()
async def loses_nothing(subject: QueueSubject, queue: TaskQueue) -> None:
    """A fetch that is cancelled while it waits takes no task with it, and the next one works."""
    fetching = asyncio.create_task(queue.fetch(1, Order.PRIORITY, wait=LONG))
    await asyncio.sleep(SHORT)
    fetching.cancel()
    with suppress(asyncio.CancelledError):
        await fetching
    tasks = sample_tasks(3)
    await queue.publish(tasks)
    found = await queue.fetch(len(tasks), Order.ARRIVAL, wait=1.0)
    if sorted(ids_of(found)) != sorted(ids_of(tasks)):
        raise CheckFailure(
            f"of {len(tasks)} tasks it delivers {len(found)} after a cancelled fetch"
        )


async def _one(queue: TaskQueue, *, wait: float) -> list[Delivery]:
    """At most one task, settled."""
    found = await queue.fetch(1, Order.PRIORITY, wait=wait)
    await queue.ack(receipts_of(found))
    return found
