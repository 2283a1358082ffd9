"""One partition of the queue: a stream for each lane, under one sequence and one epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis

from trx_core.protocols import Delivery, QueueDepth
from trx_server.codec import PoisonError, decode
from trx_server.queue.connect import command, redis_errors
from trx_server.queue.epoch import new_token
from trx_server.queue.keys import partition_keys, stream_keys
from trx_server.queue.receipts import receipt_prefixes
from trx_server.queue.scripts import GroupMissing, Script, load_script, run

__all__ = ["Mark", "Partition"]

GROUP: Final = "runners"
PROMOTE_AT_MOST: Final = 1000
_PAYLOAD_FIELD: Final = b"t"

ENSURE: Final = load_script("partition", "ensure")
PUBLISH: Final = load_script("partition", "append", "publish")
READ: Final = load_script("partition", "append", "reply", "read")
ARRIVE: Final = load_script("partition", "append", "reply", "arrive")
ADOPT: Final = load_script("partition", "adopt")
KEEP: Final = load_script("partition", "keep")
DEPTH: Final = load_script("partition", "depth")
FORGET: Final = load_script("partition", "forget")

Value = bytes | Sequence[bytes]
"""Of an entry: the payload, or when it has other fields than that, all of them."""


class Mark(NamedTuple):
    """What a reader that found nothing waits for.

    Attributes:
        after: by stream of the partition, the id after which an entry is news.
        due: when the next delayed entry is due, seconds; ``None`` when there is none.
    """

    after: dict[str, str]
    due: float | None


class Partition:
    """The calls on one partition, each of them one round trip.

    A call that finds no epoch, or no group, makes them.

    Attributes:
        epoch: as the latest call found it; empty before the first.
        mark: what to wait for, since the latest read that found nothing.
    """

    def __init__(self, client: Redis, namespace: str, index: int, consumer: str) -> None:
        self.index = index
        self.epoch = ""
        self.mark = Mark({}, None)
        self._client = client
        self._consumer = consumer
        self._keys = partition_keys(namespace, index)
        self._streams = stream_keys(self._keys)
        self._prefixes = receipt_prefixes(index)

    async def ensure(self) -> str:
        """Make the groups; return the epoch."""
        await self._call(ENSURE)
        return self.epoch

    async def publish(
        self, ready: Sequence[tuple[int, bytes]], delayed: Sequence[tuple[float, int, bytes]]
    ) -> str:
        """Append (lane, payload) and keep (due, lane, payload); return under which epoch."""
        args: list[Any] = [len(ready)]
        for lane, payload in ready:
            args += (lane + 1, payload)
        args.append(len(delayed))
        for due, lane, payload in delayed:
            args += (due, lane + 1, payload)
        epoch, *_ = await self._call(PUBLISH, *args)
        return str(epoch, "ascii")

    async def read(self, counts: Sequence[int], now: float) -> list[list[Delivery]]:
        """At most so many entries of each lane, after promoting those due."""
        reply = await self._call(READ, self._consumer, now, PROMOTE_AT_MOST, *counts)
        return self._found(reply)

    async def read_in_order(self, room: int, now: float) -> list[Delivery]:
        """The oldest ``room`` entries, after promoting those due."""
        reply = await self._call(ARRIVE, self._consumer, now, PROMOTE_AT_MOST, room)
        return sorted((entry for lane in self._found(reply) for entry in lane), key=_position)

    async def adopt(self, min_idle: int, room: int) -> list[Delivery]:
        """Take over at most ``room`` entries that were idle for ``min_idle`` milliseconds."""
        _, lanes = await self._call(ADOPT, self._consumer, min_idle, room)
        return [
            _delivery(prefix, *entry)
            for prefix, flat in zip(self._prefixes, lanes, strict=True)
            for entry in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
        ]

    async def keep_alive(self, ids: Sequence[Sequence[str]]) -> list[str]:
        """Reset the idle time of entries, given by lane; return the receipts of those lost."""
        args: list[Any] = []
        for lane in ids:
            args += (len(lane), *lane)
        _, lanes = await self._call(KEEP, self._consumer, *args)
        return [
            prefix + str(entry, "ascii")
            for prefix, lost in zip(self._prefixes, lanes, strict=True)
            for entry in lost
        ]

    async def ack(self, ids: Sequence[Sequence[str]]) -> None:
        """Settle and delete entries, given by lane, in one transaction."""
        with redis_errors(self._client):
            async with self._client.pipeline(transaction=True) as pipe:
                for lane, settled in zip(self._streams, ids, strict=False):
                    if settled:
                        pipe.execute_command("XACK", lane, GROUP, *settled)
                        pipe.execute_command("XDEL", lane, *settled)
                await pipe.execute()

    async def depth(self) -> QueueDepth:
        """What it holds."""
        _, lag, pending, delayed = await self._call(DEPTH)
        return QueueDepth(lag, pending, delayed)

    async def forget(self, consumer: str) -> bool:
        """Remove a consumer; whether nothing was pending for it, so that it could be."""
        _, stays = await self._call(FORGET, consumer)
        return bool(stays == 0)

    async def news(self, seconds: float) -> None:
        """Return at the first entry after the mark, or after ``seconds``."""
        streams, ids = self.mark.after.keys(), self.mark.after.values()
        block = int(seconds * 1000)
        await command(self._client, "XREAD", "COUNT", 1, "BLOCK", block, "STREAMS", *streams, *ids)

    async def _call(self, script: Script, *args: Any) -> Any:
        """Run a script; its reply starts with the epoch."""
        try:
            reply = await run(self._client, script, self._keys, (new_token(), *args))
        except GroupMissing:
            await run(self._client, ENSURE, self._keys, (new_token(),))
            reply = await run(self._client, script, self._keys, (new_token(), *args))
        self.epoch = str(reply[0], "ascii")
        return reply

    def _found(self, reply: Sequence[Any]) -> list[list[Delivery]]:
        _, lanes, *mark = reply
        if mark:
            due, ids = mark
            after = (str(entry, "ascii") for entry in ids)
            streams = dict(zip(self._streams, after, strict=True))
            self.mark = Mark(streams, float(due) if due else None)
        return [
            [_delivery(prefix, *entry) for entry in zip(flat[::2], flat[1::2], strict=True)]
            for prefix, flat in zip(self._prefixes, lanes, strict=True)
        ]


def _delivery(prefix: str, entry: bytes, value: Value, delivered: int = 1) -> Delivery:
    receipt = prefix + entry.decode()
    if isinstance(value, bytes):
        try:
            return Delivery(receipt, decode(value), None, delivered)
        except PoisonError:
            value = (_PAYLOAD_FIELD, value)
    return Delivery(receipt, None, _readable(value), delivered)


def _readable(fields: Sequence[bytes]) -> dict[str, str]:
    """As text that PostgreSQL can keep: other bytes than UTF-8, and U+0000, are escaped."""
    texts = [field.decode("utf-8", "backslashreplace").replace("\0", "\\x00") for field in fields]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def _position(entry: Delivery) -> tuple[int, int]:
    first, _, second = entry.receipt.rpartition(":")[2].partition("-")
    return int(first), int(second)
