"""Task queues of the test's own that keep the contract: with poison, and with all options."""

from __future__ import annotations

import time
from collections.abc import Sequence

from trx_core.models import Task
from trx_core.protocols import Delivery, Order, TaskQueue
from trx_core.queues import MemoryQueue
from trx_core.testing.queues.stage import Consumers


class Legible(MemoryQueue):
    """A queue into which entries can be put that cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    async def poison(self) -> None:
        self.bad.append("�")

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        bad, self.bad = self.bad[:room], self.bad[room:]
        told = [Delivery(f"bad {text}", None, {"t": text}) for text in bad]
        return told or await super().fetch(room, order, wait=wait)


class Office:
    """What the consumers of an adopting queue share."""

    def __init__(self) -> None:
        self.queue = MemoryQueue()
        self.held: dict[str, tuple[float, Delivery]] = {}


class Adopting:
    """One consumer of a queue that gives a lost consumer's tasks to others."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.publish = office.queue.publish
        self.depth = office.queue.depth

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        found = await self.office.queue.fetch(room, order, wait=wait)
        self.office.held |= {one.receipt: (time.monotonic(), one) for one in found}
        return found

    async def ack(self, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            self.office.held.pop(receipt, None)
        await self.office.queue.ack(receipts)

    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        since = time.monotonic() - min_idle_seconds
        idle = [one for at, one in self.office.held.values() if at <= since][:room]
        return [one._replace(delivered=2) for one in idle]

    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        now, held = time.monotonic(), self.office.held
        mine = [receipt for receipt in receipts if receipt in held]
        held |= {receipt: (now, held[receipt][1]) for receipt in mine}
        return [receipt for receipt in receipts if receipt not in held]

    async def ensure(self) -> str:
        return "the first"

    async def append(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> str:
        await self.publish(tasks, due=due)
        return await self.ensure()

    async def forget(self, consumer: str) -> bool:
        return True


def consumers_of(kind: type[Adopting]) -> Consumers:
    def consumers(count: int) -> Sequence[TaskQueue]:
        office = Office()
        return [kind(office) for _ in range(count)]

    return consumers
