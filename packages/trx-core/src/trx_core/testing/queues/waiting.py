"""Checks of when a queue delivers."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, Final

from trx_core.protocols import Delivery, Order, TaskQueue
from trx_core.testing.checks import CheckFailure
from trx_core.testing.queues.stage import QueueSubject, ids_of, receipts_of, scene
from trx_core.testing.samples import sample_tasks

__all__ = ["loses_nothing", "waits", "waits_until_due"]

SOON: Final = 0.3
SHORT: Final = 0.05
LONG: Final = 30.0
FAR: Final = 3600.0
TURNS: Final = 8
TAKEN_WITHIN: Final = 3.0


@scene()
async def waits_until_due(subject: QueueSubject, queue: TaskQueue) -> None:
    """A task published with a due time (seconds of the wall clock) is delivered then and not
    before, and a fetch that waits is woken by it; one whose time has passed is delivered at once.
    Each task of a batch has a time of its own.
    """
    late, soon, far = sample_tasks(3)
    await queue.publish([far, late], due=[time.time() + FAR, time.time() - 1.0])
    if ids_of(await _one(queue, wait=1.0)) != ids_of([late]):
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


@scene(consumers=2)
async def loses_nothing(subject: QueueSubject, queue: TaskQueue, heir: TaskQueue) -> None:
    """A fetch that is cancelled while it waits takes no task with it, and the next one works. One
    that is cancelled when it has found something leaves it to the next, or, with
    ``adopts=True``, to be adopted.
    """
    fetching = asyncio.create_task(queue.fetch(1, Order.PRIORITY, wait=LONG))
    await asyncio.sleep(SHORT)
    fetching.cancel()
    with suppress(asyncio.CancelledError):
        await fetching
    tasks = sample_tasks(3)
    await queue.publish(tuple(tasks))
    found = await queue.fetch(len(tasks), Order.ARRIVAL, wait=1.0)
    if sorted(ids_of(found)) != sorted(ids_of(tasks)):
        raise CheckFailure(
            f"of {len(tasks)} tasks it delivers {len(found)} after a cancelled fetch"
        )

    await queue.ack(receipts_of(found))
    for turns in range(TURNS):
        tasks = sample_tasks(3, seed=2 + turns)
        await queue.publish(tuple(tasks))
        missing = set(ids_of(tasks)) - await _interrupted(queue, len(tasks), turns)
        give_up = time.monotonic() + TAKEN_WITHIN
        while missing and time.monotonic() < give_up:
            found = await queue.fetch(len(tasks), Order.ARRIVAL, wait=SHORT)
            if not found and subject.declared.adopts:
                adopt: Any = getattr(heir, "adopt", None)
                found = await adopt(0.0, len(tasks)) if adopt else []
            await heir.ack(receipts_of(found))
            missing -= set(ids_of(found))
        if missing:
            raise CheckFailure(f"a fetch that was cancelled took {len(missing)} tasks with it")


async def _interrupted(queue: TaskQueue, room: int, turns: int) -> set[int]:
    """What a fetch gives that is cancelled when the loop has turned so often; it is settled."""
    fetching = asyncio.create_task(queue.fetch(room, Order.ARRIVAL, wait=LONG))
    for _ in range(turns):
        await asyncio.sleep(0)
    fetching.cancel()
    with suppress(asyncio.CancelledError):
        found = await fetching
        await queue.ack(receipts_of(found))
        return set(ids_of(found))
    return set()


async def _one(queue: TaskQueue, *, wait: float) -> list[Delivery]:
    """At most one task, settled."""
    found = await queue.fetch(1, Order.PRIORITY, wait=wait)
    await queue.ack(receipts_of(found))
    return found
