"""Checks of who lives beside whom: keeping alive, epochs, forgetting, the event loop."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from trx_core.protocols import QUEUE_OPTIONS, Order, TaskQueue
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.queues.stage import QueueSubject, drain, ids_of, receipts_of, scene
from trx_core.testing.samples import sample_tasks
from trx_core.testing.watch import watch

__all__ = ["forgets", "keeps_alive", "lets_others_run", "tells_epochs"]

IDLE: Final = 0.3
WAIT: Final = 0.5
TURNS: Final = 100
BEATS: Final = 4
LATER: Final = 3600.0
STRANGER: Final = "nonsense"


@scene(consumers=2)
async def keeps_alive(subject: QueueSubject, alive: TaskQueue, heir: TaskQueue) -> None:
    """What a consumer keeps alive by ``keep_alive(receipts)`` is adopted by nobody, however long it
    is held; the receipts of entries that were settled are returned. For queues that declare
    ``keeps_alive=True``.
    """
    living, other = _options(subject, alive, "keeps_alive"), _options(subject, heir, "keeps_alive")
    await alive.publish(sample_tasks(10))
    receipts = receipts_of(await alive.fetch(10, Order.ARRIVAL, wait=1.0))
    if subject.declared.adopts and await other.adopt(LATER, 10):
        raise NotApplicable("it gives away what was fetched just now")
    for _ in range(BEATS):
        await asyncio.sleep(IDLE / 2)
        if await living.keep_alive(receipts):
            raise CheckFailure("it says that entries are lost which were fetched and kept alive")
    if subject.declared.adopts and await other.adopt(IDLE, 10):
        raise CheckFailure("entries were adopted though they had been kept alive")
    await alive.ack(receipts[:3])
    lost = await living.keep_alive([*receipts, STRANGER])
    if sorted({*lost} - {STRANGER}) != sorted(receipts[:3]):
        raise CheckFailure(f"3 entries were settled, and it says that these are lost: {lost}")


@scene()
async def tells_epochs(subject: QueueSubject, queue: TaskQueue) -> None:
    """``ensure()`` and ``append(tasks)`` tell one and the same epoch, a text, for as long as the
    store loses nothing; and what is appended is delivered. For queues that declare ``epochs=True``.
    """
    living = _options(subject, queue, "epochs")
    tasks = sample_tasks(5)
    epochs = [await living.ensure(), await living.append(tasks), await living.ensure()]
    if not all(isinstance(epoch, str) and epoch for epoch in epochs):
        raise CheckFailure(f"an epoch is a text, and it tells {epochs}")
    if len(set(epochs)) != 1:
        raise CheckFailure(f"nothing was lost, and it tells several epochs: {epochs}")
    if sorted(ids_of(await drain(queue, len(tasks)))) != sorted(ids_of(tasks)):
        raise CheckFailure("what was appended is not what is delivered")


@scene()
async def forgets(subject: QueueSubject, queue: TaskQueue) -> None:
    """``forget(consumer)`` of one who holds nothing is done at once, ``True``, and takes nothing
    from anybody else. For queues that declare ``forgets=True``.
    """
    living = _options(subject, queue, "forgets")
    await queue.publish(sample_tasks(5))
    await queue.fetch(2, Order.ARRIVAL, wait=1.0)
    before = await queue.depth()
    if await living.forget("nobody-of-this-name") is not True:
        raise CheckFailure("it does not forget a consumer that it has never seen")
    if (after := await queue.depth()) != before:
        raise CheckFailure(f"forgetting a stranger made {after} of {before}")


@scene()
async def lets_others_run(subject: QueueSubject, queue: TaskQueue) -> None:
    """Whoever else runs in the loop goes on running while a fetch waits: the loop turns at least a
    hundred times meanwhile. And nothing that a queue does sleeps by ``time.sleep``, in which the
    loop stands still.
    """
    turns = 0

    async def beat() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    await queue.depth()
    with watch() as seen:
        await queue.publish(sample_tasks(10))
        found = await queue.fetch(10, Order.ARRIVAL, wait=1.0)
        await queue.ack(receipts_of(found))
        await queue.depth()
        await queue.fetch(1, Order.PRIORITY, wait=IDLE)
    if asleep := [sight for sight in seen.clock if sight.startswith("time.sleep ")]:
        raise CheckFailure(f"it sleeps in the event loop: {asleep[0]}")
    beating = asyncio.create_task(beat())
    await asyncio.sleep(0)
    before, started = turns, time.monotonic()
    await asyncio.create_task(queue.fetch(1, Order.ARRIVAL, wait=WAIT))
    waited = time.monotonic() - started
    beating.cancel()
    if waited > WAIT / 2 and turns - before < TURNS:
        raise CheckFailure(
            f"the event loop turned {turns - before} times while a fetch waited for {WAIT:g} s"
        )


def _options(subject: QueueSubject, queue: TaskQueue, capability: str) -> Any:
    """The queue, which has what comes with a capability.

    Raises:
        NotApplicable: it does not declare it.
        CheckFailure: it declares it, and has not the methods.
    """
    if not getattr(subject.declared, capability):
        raise NotApplicable(f"it declares {capability}=False")
    for name in QUEUE_OPTIONS[capability]:
        if not callable(getattr(queue, name, None)):
            raise CheckFailure(f"it declares {capability}=True, and has no {name}()")
    return queue
