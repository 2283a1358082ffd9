"""Task queues that each break one rule."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from trx_core.models import Task
from trx_core.protocols import Delivery, Order, QueueDepth, TaskQueue
from trx_core.queues import LaneStore, MemoryQueue

from .sound_queues import Adopting, Legible, Office


class LosesTheEndOfLargeBatches(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish(tasks[:200] if due is None else tasks, due=due)


class LosesTheEndOfBatchesOfHundreds(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish(tasks[:300] if due is None else tasks, due=due)


class CountsSevenDeliveries(MemoryQueue):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        found = await super().fetch(room, order, wait=wait)
        return [one._replace(delivered=7) for one in found]


class GivesUpAfterFiveAttempts(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        kept = [task for task in tasks if task.attempt < 5]
        await super().publish(kept if due is None else tasks, due=due)


class NarrowsWideTasks(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish([replace(one, slots=min(one.slots, 64)) for one in tasks], due=due)


class SettlesFiveHundredAtMost(MemoryQueue):
    async def ack(self, receipts: Sequence[str]) -> None:
        await super().ack(list(receipts)[:500])


class SleepsInTheLoop(MemoryQueue):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        time.sleep(0.002)
        return await super().fetch(room, order, wait=wait)


class WaitsInTheLoop(MemoryQueue):
    """Where the wait is short it looks again and again, and lets nobody run meanwhile."""

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        until = time.monotonic() + (wait if wait <= 1.0 else 0.0)
        while time.monotonic() < until and not (await self.depth()).lag:
            pass
        return await super().fetch(room, order, wait=wait if wait > 1.0 else 0.0)


class SendsLargeBatchesTwice(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish(tasks, due=due)
        if len(tasks) == 150:
            await super().publish(tasks[:1])


class RoundsCosts(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish([replace(one, cost=round(one.cost, 6)) for one in tasks], due=due)


class KeepsTextOnly(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        plain = [replace(t, metadata={k: str(v) for k, v in t.metadata.items()}) for t in tasks]
        await super().publish(plain, due=due)


class TakesNoRoomForNoLimit(MemoryQueue):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        return await super().fetch(room or 1000, order, wait=wait)


class RefusesEmptyBatches(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        if not tasks:
            raise ValueError("nothing to publish")
        await super().publish(tasks, due=due)


class NeverForgets(MemoryQueue):
    """Takes a task that it has had before for a duplicate."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[Any] = set()

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        if due is None:
            tasks = [task for task in tasks if task.id not in self.known]
            self.known |= {task.id for task in tasks}
        await super().publish(tasks, due=due)


class ForgetsWhenItIsSettled(MemoryQueue):
    """Takes a task that is pending for a duplicate."""

    def __init__(self) -> None:
        super().__init__()
        self.pending: dict[Any, str] = {}

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        fresh = [task for task in tasks if task.id not in self.pending]
        await super().publish(fresh if due is None else tasks, due=due)

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        found = await super().fetch(room, order, wait=wait)
        self.pending |= {one.task.id: one.receipt for one in found if one.task is not None}
        return found

    async def ack(self, receipts: Sequence[str]) -> None:
        await super().ack(receipts)
        self.pending = {key: one for key, one in self.pending.items() if one not in receipts}


class KeepsFiveThousand(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        room = 5_000 - (await self.depth()).total
        await super().publish(tasks[:room] if due is None else tasks, due=due)


class EmptiesTheBatch(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish(tasks, due=due)
        if isinstance(tasks, list):
            tasks.clear()


class HasOneDueTimeForABatch(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish(tasks, due=[max(due)] * len(due) if due else due)


class LingersWithWhatItTook(MemoryQueue):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        found = await super().fetch(room, order, wait=wait)
        await asyncio.sleep(0)
        return found


class SwallowsPoison(Legible):
    async def poison(self) -> None:
        """It is nowhere to be seen."""


class ChokesOnPoison(Legible):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        if self.bad:
            raise ValueError(f"not JSON: {self.bad[0]}")
        return await super().fetch(room, order, wait=wait)


class SettlesAllBefore(MemoryQueue):
    """Takes a receipt for an offset: all before it is settled too."""

    async def ack(self, receipts: Sequence[str]) -> None:
        offsets = [int(one) for one in receipts if one.isdecimal() and len(one) < 9]
        await super().ack([str(one) for one in range(max(offsets, default=0) + 1)])


class InsistsOnKnownReceipts(MemoryQueue):
    async def ack(self, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            int(receipt)
        await super().ack(receipts)


class ForgetsTheDelayed(MemoryQueue):
    async def depth(self) -> QueueDepth:
        return (await super().depth())._replace(delayed=0)


class CountsThePendingTwice(MemoryQueue):
    async def depth(self) -> QueueDepth:
        lag, pending, delayed = await super().depth()
        return QueueDepth(lag + pending, pending, delayed)


class Lanes(LaneStore):
    """For those who give out lanes otherwise."""

    def _given(self, lane: int, last: bool = False) -> Any:
        return self._lanes[lane].pop() if last else self._lanes[lane].popleft()


class LastInFirstOut(Lanes):
    def _by_priority(self, room: int) -> Any:
        taken: Any = []
        sharing = self._sharing.fill(room)
        asked = next(sharing, None)
        while asked is not None:
            given = [min(n, len(lane)) for n, lane in zip(asked, self._lanes, strict=True)]
            for index, number in enumerate(given):
                taken += [self._given(index, last=True) for _ in range(number)]
            try:
                asked = sharing.send(given)
            except StopIteration:
                asked = None
        return taken


class MostUrgentFirst(Lanes):
    lanes = (0, 1, 2)

    def _by_priority(self, room: int) -> Any:
        order = [index for index in self.lanes for _ in self._lanes[index]]
        return [self._given(index) for index in order[:room]]


class LeastUrgentFirst(MostUrgentFirst):
    lanes = (2, 1, 0)


class UrgentFirstOnArrival(Lanes):
    def _by_arrival(self, room: int) -> Any:
        return self._by_priority(room)


def over(store: type[LaneStore]) -> Any:
    """A queue over a store of that kind."""

    class Over(MemoryQueue):
        def __init__(self) -> None:
            super().__init__()
            self._store = store()

    return Over


class CutsDueTimesToSeconds(MemoryQueue):
    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        await super().publish(tasks, due=None if due is None else [math.floor(at) for at in due])


class DoesNotWait(MemoryQueue):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        delayed = (await self.depth()).delayed
        return await super().fetch(room, order, wait=wait if delayed else 0.0)


class ReadsOnForNobody(MemoryQueue):
    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        reading = asyncio.ensure_future(super().fetch(room, order, wait=wait))
        return await asyncio.shield(reading)


class GivesAwayAtOnce(Adopting):
    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        return await super().adopt(0.0, room)


class GivesAwayWhatIsSettled(Adopting):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.settled: set[str] = set()

    async def ack(self, receipts: Sequence[str]) -> None:
        self.settled.update(receipts)
        await self.office.queue.ack(receipts)

    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        lost = await super().keep_alive([one for one in receipts if one not in self.settled])
        return [*lost, *self.settled.intersection(receipts)]


class SettlesAllButOneOfMany(MemoryQueue):
    async def ack(self, receipts: Sequence[str]) -> None:
        await super().ack(receipts[:-1] if len(receipts) > 100 else receipts)


class CountsNoDeliveries(Adopting):
    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        found = await super().adopt(min_idle_seconds, room)
        return [one._replace(delivered=1) for one in found]


class ToEverybody(MemoryQueue):
    """Each consumer gets every task."""

    def __init__(self, all_of_them: list[ToEverybody]) -> None:
        super().__init__()
        self.all_of_them = all_of_them

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        for queue in self.all_of_them:
            await MemoryQueue.publish(queue, tasks, due=due)


def everybody(count: int) -> Sequence[TaskQueue]:
    queues: list[ToEverybody] = []
    queues += [ToEverybody(queues) for _ in range(count)]
    return queues


class KeepsNobodyAlive(Adopting):
    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        return [receipt for receipt in receipts if receipt not in self.office.held]


class TellsNoLoss(Adopting):
    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        await super().keep_alive(receipts)
        return []


class NewEpochEachTime(Adopting):
    epochs = 0

    async def ensure(self) -> str:
        self.epochs += 1
        return str(self.epochs)


class AppendsNothing(Adopting):
    async def append(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> str:
        return await self.ensure()


class ForgetsTheOthers(Adopting):
    async def forget(self, consumer: str) -> bool:
        await self.ack(list(self.office.held))
        return True
