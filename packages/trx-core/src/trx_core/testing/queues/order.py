"""Checks of the order in which a queue delivers."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from trx_core.models import Task
from trx_core.protocols import Order, TaskQueue
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.queues.stage import QueueSubject, drain, ids_of, scene
from trx_core.testing.samples import sample_tasks

__all__ = ["keeps_arrival", "keeps_lanes", "lets_urgent_overtake", "starves_nobody"]

NO_LANES: Final = "it declares lanes=False"
BACKLOG: Final = 300
WINDOW: Final = 12
SINGLES: Final = 30


@scene()
async def keeps_arrival(subject: QueueSubject, queue: TaskQueue) -> None:
    """Fetched with ``Order.ARRIVAL``, tasks come in the order in which they were published,
    whatever their priority and however the window cuts them.
    """
    if not subject.declared.total_order:
        raise NotApplicable("it declares total_order=False")
    tasks = sample_tasks(100, (1, 10, 5, 9, 1, 2, 7))
    for start in range(0, len(tasks), 20):
        await queue.publish(tasks[start : start + 20])
    found = ids_of(await drain(queue, len(tasks), Order.ARRIVAL, room=9))
    in_order = [task for task in ids_of(tasks) if task in set(found)]
    if found != in_order:
        raise CheckFailure("tasks overtook one another")


@scene()
async def lets_urgent_overtake(subject: QueueSubject, queue: TaskQueue) -> None:
    """Fetched with ``Order.PRIORITY``, a task of priority 10 is in the next window of twelve,
    however long the backlog of priority 1.
    """
    _need_lanes(subject)
    backlog, (urgent,) = sample_tasks(BACKLOG, (1,)), sample_tasks(1, (10,), seed=2)
    await queue.publish(backlog)
    await queue.publish([urgent])
    if urgent.id.int not in ids_of(await queue.fetch(WINDOW, Order.PRIORITY, wait=1.0)):
        raise CheckFailure(f"a task of priority 10 waits behind {BACKLOG} of priority 1")


@scene()
async def keeps_lanes(subject: QueueSubject, queue: TaskQueue) -> None:
    """Fetched with ``Order.PRIORITY``, tasks of one priority come in the order in which they were
    published.
    """
    _need_lanes(subject)
    if not subject.declared.total_order:
        raise NotApplicable("it declares total_order=False")
    tasks = sample_tasks(90, (9, 5, 2))
    await queue.publish(tuple(tasks))
    by_id = {task.id.int: task for task in tasks}
    found = [by_id[key] for key in ids_of(await drain(queue, len(tasks), Order.PRIORITY, room=8))]
    for priority, lane in groupby(sorted(found, key=_priority), key=_priority):
        ids = [task.id.int for task in lane]
        if ids != sorted(ids):
            raise CheckFailure(f"tasks of priority {priority} overtook one another")


@scene()
async def starves_nobody(subject: QueueSubject, queue: TaskQueue) -> None:
    """However many urgent tasks wait, and be the window one task wide, the least urgent get a share
    of what is fetched with ``Order.PRIORITY``.
    """
    _need_lanes(subject)
    await queue.publish(sample_tasks(3 * SINGLES, (10,)))
    await queue.publish(sample_tasks(SINGLES, (1,), seed=2))
    for _ in range(SINGLES):
        for delivery in await queue.fetch(1, Order.PRIORITY, wait=1.0):
            if delivery.task is not None and delivery.task.priority == 1:
                return
    raise CheckFailure(f"of {SINGLES} fetches of one task none gave one of priority 1")


def _need_lanes(subject: QueueSubject) -> None:
    if not subject.declared.lanes:
        raise NotApplicable(NO_LANES)


def _priority(task: Task) -> int:
    return task.priority
