"""A queue under test, and the loop that a check plays in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeAlias

from trx_core.capabilities import QueueCapabilities
from trx_core.models import Task
from trx_core.protocols import Delivery, Order, TaskQueue
from trx_core.testing.checks import CheckFailure

__all__ = [
    "Consumers",
    "Poison",
    "QueueSubject",
    "drain",
    "ids_of",
    "receipts_of",
    "scene",
    "shared",
]

PATIENCE: Final = 60.0
SETTLE: Final = 0.02
"""Seconds after which a queue that gave nothing is taken to be empty."""

Consumers: TypeAlias = Callable[[int], Sequence[TaskQueue]]
Poison: TypeAlias = Callable[[TaskQueue], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QueueSubject:
    """A queue under test.

    Attributes:
        consumers: called with a number, gives as many queues, each for a consumer of its own, that
            stand for one and the same new, empty queue.
        declared: its capabilities.
        poison: puts an entry that cannot be read into a queue; ``None`` if there is no way to.
    """

    consumers: Consumers
    declared: QueueCapabilities
    poison: Poison | None = None


Play: TypeAlias = Callable[..., Awaitable[None]]


def shared(make: Callable[[], TaskQueue]) -> Consumers:
    """Consumers that share one object."""
    return lambda count: [make()] * count


def scene(consumers: int = 1) -> Callable[[Play], Callable[[QueueSubject], None]]:
    """Make a check of ``async def play(subject, *queues)``, with as many queues as consumers."""

    def wrap(play: Play) -> Callable[[QueueSubject], None]:
        @wraps(play)
        def run(subject: QueueSubject) -> None:
            asyncio.run(_perform(play, subject, consumers))

        return run

    return wrap


async def _perform(play: Play, subject: QueueSubject, consumers: int) -> None:
    queues = subject.consumers(consumers)
    try:
        async with asyncio.timeout(PATIENCE):
            await play(subject, *queues)
    except TimeoutError:
        raise CheckFailure(f"it had not answered after {PATIENCE:g} s") from None
    finally:
        for queue in {id(one): one for one in queues}.values():
            close: Callable[[], Awaitable[Any]] | None = getattr(queue, "aclose", None)
            if close is not None:
                await close()


async def drain(
    queue: TaskQueue, at_most: int, order: Order = Order.ARRIVAL, room: int = 64
) -> list[Delivery]:
    """Fetch and acknowledge until nothing more comes.

    Raises:
        CheckFailure: more than ``at_most`` come.
    """
    found: list[Delivery] = []
    while batch := await queue.fetch(room, order, wait=SETTLE):
        found += batch
        await queue.ack(receipts_of(batch))
        await asyncio.sleep(0)
        if len(found) > at_most:
            raise CheckFailure(f"it delivered more than the {at_most} tasks that it was given")
    return found


def ids_of(found: Sequence[Delivery] | Sequence[Task]) -> list[int]:
    """The ids of tasks as integers; those that could not be read are left out."""
    tasks = [one.task if isinstance(one, Delivery) else one for one in found]
    return [task.id.int for task in tasks if task is not None]


def receipts_of(found: Sequence[Delivery]) -> list[str]:
    """What to acknowledge."""
    return [delivery.receipt for delivery in found]
