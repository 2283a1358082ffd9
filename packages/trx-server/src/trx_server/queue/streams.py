"""The queue between those who accept tasks and the runners, on Redis streams."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Self

from redis.asyncio import Redis

from trx_core.clock import Clock, SystemClock
from trx_core.errors import TrxError
from trx_core.models import Task
from trx_core.policy import LaneSharing, lane_of
from trx_core.protocols import Delivery, Order, QueueDepth
from trx_server.codec import encode
from trx_server.queue.epoch import joined
from trx_server.queue.partition import Partition
from trx_server.queue.receipts import by_partition
from trx_server.queue.spread import Spread, all_of
from trx_server.queue.wake import Waker

__all__ = ["RedisQueue"]


class RedisQueue:
    """A :class:`~trx_core.protocols.TaskQueue` whose readers share the work::

        async with RedisQueue(await open_redis(url), consumer=str(runner)) as queue:
            for delivery in await queue.fetch(500, Order.PRIORITY, wait=1.0):
                ...

    Tasks are hashed to partitions; each has one stream for each lane. What is fetched is pending
    for the consumer until it is acknowledged, or adopted by another one because nobody kept it
    alive. Every call but :meth:`ack` tells the epoch of the server, see :attr:`epoch`.

    All calls raise ``AdapterError``: TRX-A201, Redis cannot be reached; TRX-A203, it refuses.

    Args:
        client: see :func:`~trx_server.queue.connect.open_redis`.
        namespace: what the names of all keys start with.
        partitions: how many; a change of it is a change of the epoch.
        consumer: who fetches; unique among live consumers.
        clock: decides what is due.
        owns_client: whether :meth:`aclose` closes the client too.
    """

    def __init__(
        self,
        client: Redis,
        *,
        namespace: str = "trx",
        partitions: int = 1,
        consumer: str = "publisher",
        clock: Clock | None = None,
        owns_client: bool = False,
    ) -> None:
        self._client = client
        self._owns_client = owns_client
        self._clock = clock or SystemClock()
        self._partitions = [
            Partition(client, namespace, index, consumer) for index in range(partitions)
        ]
        self._spread = Spread(partitions)
        self._sharing = LaneSharing()
        self._waker = Waker()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def epoch(self) -> str:
        """As the latest calls found it; when it changes, tasks published before may be lost."""
        return joined([partition.epoch for partition in self._partitions])

    async def ensure(self) -> str:
        """Make what is missing, and return the epoch.

        It alone notices that the server was restarted or failed over: call it now and then.
        """
        return joined(await all_of(partition.ensure() for partition in self._partitions))

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        """Append tasks, one round trip for each partition; with ``due``, not before (seconds)."""
        await self.append(tasks, due=due)

    async def append(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> str:
        """:meth:`publish`, and return the epoch under which the tasks are in the queue."""
        await self._meet()
        now = self._clock.now()
        instants = [now] * len(tasks) if due is None else due
        ready: dict[int, list[tuple[int, bytes]]] = {}
        delayed: dict[int, list[tuple[float, int, bytes]]] = {}
        for task, instant in zip(tasks, instants, strict=True):
            index, lane, payload = self._index(task), lane_of(task.priority), encode(task)
            if instant > now:
                delayed.setdefault(index, []).append((instant, lane, payload))
            else:
                ready.setdefault(index, []).append((lane, payload))
        concerned = sorted(ready.keys() | delayed.keys())
        epochs = [partition.epoch for partition in self._partitions]
        found = await all_of(
            self._partitions[index].publish(ready.get(index, ()), delayed.get(index, ()))
            for index in concerned
        )
        for index, epoch in zip(concerned, found, strict=True):
            epochs[index] = epoch
        return joined(epochs)

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        """At most ``room`` tasks, waiting at most ``wait`` seconds for the first.

        With ``Order.ARRIVAL`` the tasks of each partition come in the order of their arrival,
        whatever their priority. One call at a time.
        """
        if room <= 0:
            return []
        fill = self._fill_in_order if order is Order.ARRIVAL else self._fill_by_priority
        until = monotonic() + wait
        while True:
            found = await fill(room)
            left = until - monotonic()
            if found or left <= 0:
                return found
            await self._waker.wait(self._partitions, min(left, self._next_due()))

    async def ack(self, receipts: Sequence[str]) -> None:
        """Settle and delete entries; unknown receipts are ignored."""
        lanes = self._by_partition(receipts)
        await all_of(self._partitions[index].ack(ids) for index, ids in lanes.items())

    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        """Keep entries from being adopted; return the receipts that are not ours any more.

        Those were settled, adopted by another consumer, or lost with an earlier epoch.
        """
        lanes = self._by_partition(receipts)
        calls = [self._partitions[index].keep_alive(ids) for index, ids in lanes.items()]
        return [receipt for lost in await all_of(calls) for receipt in lost]

    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        """Take over at most ``room`` entries that nobody has kept alive for so long."""

        async def adopt(index: int, counts: Sequence[int]) -> list[list[Delivery]]:
            return [await self._partitions[index].adopt(int(min_idle_seconds * 1000), counts[0])]

        [found] = await self._spread.read([room], adopt)
        return found

    async def forget(self, consumer: str) -> bool:
        """Remove a consumer that is gone; ``False``: ask again when its entries are adopted."""
        return all(await all_of(partition.forget(consumer) for partition in self._partitions))

    async def depth(self) -> QueueDepth:
        """How much is waiting, of all partitions."""
        depths = await all_of(partition.depth() for partition in self._partitions)
        return QueueDepth(*(sum(column) for column in zip(*depths, strict=True)))

    async def aclose(self) -> None:
        """Stop waiting; entries that were fetched stay pending."""
        await self._waker.aclose()
        if self._owns_client:
            await self._client.aclose()

    async def _meet(self) -> None:
        """Know the epoch of every partition before naming that of the queue."""
        if not all(partition.epoch for partition in self._partitions):
            await self.ensure()

    async def _fill_by_priority(self, room: int) -> list[Delivery]:
        async def read(index: int, counts: Sequence[int]) -> list[list[Delivery]]:
            return await self._partitions[index].read(counts, self._clock.now())

        found: list[Delivery] = []
        conversation = self._sharing.fill(room)
        try:
            asked = next(conversation)
            while True:
                lanes = await self._spread.read(asked, read)
                found += [entry for lane in lanes for entry in lane]
                asked = conversation.send([len(lane) for lane in lanes])
        except StopIteration:
            return found
        except BaseException as error:
            self._sharing = LaneSharing()
            if found and isinstance(error, TrxError):
                return found
            raise

    async def _fill_in_order(self, room: int) -> list[Delivery]:
        async def read(index: int, counts: Sequence[int]) -> list[list[Delivery]]:
            return [await self._partitions[index].read_in_order(counts[0], self._clock.now())]

        [found] = await self._spread.read([room], read)
        return found

    def _next_due(self) -> float:
        """Seconds until the next delayed entry is due."""
        dues = [partition.mark.due for partition in self._partitions]
        earliest = min((due for due in dues if due is not None), default=float("inf"))
        return max(0.0, earliest - self._clock.now())

    def _index(self, task: Task) -> int:
        return zlib.crc32(task.id.bytes) % len(self._partitions)

    def _by_partition(self, receipts: Sequence[str]) -> dict[int, list[list[str]]]:
        found = by_partition(receipts)
        return {index: ids for index, ids in found.items() if index < len(self._partitions)}
