"""Checks of what becomes of a task that was delivered."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from trx_core.protocols import Order, QueueDepth, TaskQueue
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.queues.stage import QueueSubject, drain, ids_of, receipts_of, scene
from trx_core.testing.samples import sample_tasks

__all__ = ["ignores_strangers", "redelivers", "settles", "tells_depth"]

STRANGERS: Final = ("", "nonsense", "0", "999999999", "7:high:1-0", "\N{SNOWMAN}")
LATER: Final = 3600.0
MANY: Final = 2_000
STRETCH: Final = 200
IDLE: Final = 0.25
SLACK: Final = 0.05


@scene()
async def settles(subject: QueueSubject, queue: TaskQueue) -> None:
    """Acknowledging settles the entries that are named, in whatever order, and leaves the others
    pending; two thousand at once are settled like ten.
    """
    await queue.publish(sample_tasks(10))
    receipts = receipts_of(await queue.fetch(10, Order.ARRIVAL, wait=1.0))
    for settled in (receipts[6:2:-1], receipts[:3], receipts[7:]):
        before = (await queue.depth()).pending
        await queue.ack(settled)
        after = (await queue.depth()).pending
        if before - after != len(settled):
            raise CheckFailure(f"{len(settled)} of {before} were settled, and {after} are pending")
    tasks = sample_tasks(MANY, seed=2)
    for start in range(0, MANY, STRETCH):
        await queue.publish(tasks[start : start + STRETCH])
    many: list[str] = []
    while found := receipts_of(await queue.fetch(MANY, Order.ARRIVAL, wait=SLACK)):
        many += found
    await queue.ack(many)
    left = (await queue.depth()).total
    if left:
        raise CheckFailure(f"{len(many)} of {MANY} were settled at once, and it still holds {left}")


@scene()
async def ignores_strangers(subject: QueueSubject, queue: TaskQueue) -> None:
    """A receipt that the queue never gave out, or that was settled before, is ignored: one who
    settles twice, after a crash or an adoption, does no harm.
    """
    await queue.publish(sample_tasks(3))
    await queue.ack(list(STRANGERS))
    receipts = receipts_of(await queue.fetch(3, Order.ARRIVAL, wait=1.0))
    if len(receipts) != len(sample_tasks(3)):
        raise CheckFailure("an unknown receipt settled what had not been delivered")
    await queue.ack([receipts[0], *STRANGERS, receipts[0]])
    await queue.ack([receipts[0]])
    pending = (await queue.depth()).pending
    if pending != len(receipts) - 1:
        raise CheckFailure(f"3 delivered, 1 settled several times, and {pending} are pending")


@scene(consumers=2)
async def redelivers(subject: QueueSubject, lost: TaskQueue, heir: TaskQueue) -> None:
    """What one consumer fetched and never settled is given to another by
    ``adopt(min_idle_seconds, room)``, counted as delivered again; what was settled is not. For
    queues that declare ``adopts=True``.
    """
    if not subject.declared.adopts:
        raise NotApplicable("it declares adopts=False")
    adopt = getattr(heir, "adopt", None)
    if adopt is None:
        raise CheckFailure("it declares adopts=True, and has no adopt()")
    tasks = sample_tasks(10)
    await lost.publish(tasks)
    held = await lost.fetch(10, Order.ARRIVAL, wait=1.0)
    await lost.ack(receipts_of(held[:4]))
    if await adopt(LATER, 10):
        raise CheckFailure(f"it gives away what was fetched less than {LATER:g} s ago")
    await asyncio.sleep(IDLE + SLACK)
    found = await adopt(IDLE, 10)
    if sorted(ids_of(found)) != sorted(ids_of(held[4:])):
        raise CheckFailure(f"of 6 tasks that were not settled it gave {len(found)} to another")
    if any(delivery.delivered < 2 for delivery in found):
        raise CheckFailure("a task that is delivered again is counted as delivered once")
    await heir.ack(receipts_of(found))
    if (await heir.depth()).total:
        raise CheckFailure("what the other consumer settled stays in it")


@scene()
async def tells_depth(subject: QueueSubject, queue: TaskQueue) -> None:
    """The depth counts what was never delivered (lag), what was delivered and not settled
    (pending) and what is not yet due (delayed), each entry once; an empty queue holds nothing.
    """
    await _expect(queue, QueueDepth(0, 0, 0), "when it is new")
    tasks = sample_tasks(8)
    await queue.publish(tasks[:5])
    await queue.publish(tasks[5:], due=[time.time() + LATER] * 3)
    await _expect(queue, QueueDepth(5, 0, 3), "after 5 tasks and 3 that are not due")
    receipts = receipts_of(await queue.fetch(2, Order.PRIORITY, wait=1.0))
    await _expect(queue, QueueDepth(3, 2, 3), "after 2 of them were fetched")
    await queue.ack(receipts)
    await _expect(queue, QueueDepth(3, 0, 3), "after those 2 were settled")
    await drain(queue, 3)
    await _expect(queue, QueueDepth(0, 0, 3), "after all but those not due were settled")


async def _expect(queue: TaskQueue, depth: QueueDepth, when: str) -> None:
    found = await queue.depth()
    if found != depth:
        raise CheckFailure(f"{when} it holds {found}, and should hold {depth}")
