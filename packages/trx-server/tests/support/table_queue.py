"""A plugin for tests: a task queue on a table of PostgreSQL, for ``pgtable://`` URLs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from trx_core import hookimpl
from trx_core.capabilities import QueueCapabilities
from trx_core.models import Task
from trx_core.policy import LaneSharing, lane_of
from trx_core.protocols import Delivery, Order, QueueDepth
from trx_core.specs import QueueSpec
from trx_server.codec import PoisonError, decode, encode

POLL = 0.02

SCHEMA = """
SELECT pg_advisory_xact_lock(7);
CREATE TABLE IF NOT EXISTS queue_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place bigint, namespace text NOT NULL, lane int NOT NULL, due double precision,
    payload bytea NOT NULL, consumer text, alive double precision, delivered int DEFAULT 0
);
CREATE INDEX IF NOT EXISTS queue_entry_idx ON queue_entry (namespace, lane, place);
CREATE SEQUENCE IF NOT EXISTS queue_place;
"""

PUBLISH = """
INSERT INTO queue_entry (namespace, lane, due, payload, place)
SELECT $1, lane, due, payload, CASE WHEN due IS NULL THEN nextval('queue_place') END
FROM unnest($2::int[], $3::float8[], $4::bytea[]) WITH ORDINALITY AS n (lane, due, payload, nr)
ORDER BY nr
"""

PROMOTE = """
WITH ripe AS (
    SELECT id FROM queue_entry WHERE namespace = $1 AND due <= $2
    ORDER BY due, id FOR UPDATE SKIP LOCKED
), placed AS (SELECT id, nextval('queue_place') AS place FROM ripe)
UPDATE queue_entry q SET due = NULL, place = placed.place FROM placed WHERE q.id = placed.id
"""

TAKE = """
UPDATE queue_entry SET consumer = $2, alive = $3, delivered = delivered + 1
WHERE id IN (
    SELECT id FROM queue_entry
    WHERE namespace = $1 AND consumer IS NULL AND due IS NULL AND ($4::int IS NULL OR lane = $4)
    ORDER BY place LIMIT $5 FOR UPDATE SKIP LOCKED
) RETURNING id, place, payload, delivered
"""

ADOPT = """
UPDATE queue_entry SET consumer = $2, alive = $3, delivered = delivered + 1
WHERE id IN (
    SELECT id FROM queue_entry WHERE namespace = $1 AND alive <= $4
    ORDER BY place LIMIT $5 FOR UPDATE SKIP LOCKED
) RETURNING id, place, payload, delivered
"""

KEEP = """
UPDATE queue_entry SET alive = $3 WHERE namespace = $1 AND consumer = $2 AND id = ANY($4)
RETURNING id
"""

DEPTH = """
SELECT count(*) FILTER (WHERE consumer IS NULL AND due IS NULL),
    count(*) FILTER (WHERE consumer IS NOT NULL), count(*) FILTER (WHERE due IS NOT NULL)
FROM queue_entry WHERE namespace = $1
"""


@hookimpl
def trx_register_queues() -> list[QueueSpec]:
    return [
        QueueSpec(
            name="pgtable",
            target="table_queue:TableQueue",
            summary="A table of PostgreSQL.",
            capabilities=QueueCapabilities(shared=True, adopts=True, keeps_alive=True),
        )
    ]


class TableQueue:
    def __init__(self, url: str, *, namespace: str = "trx", consumer: str = "publisher") -> None:
        self._url = "postgresql" + url.removeprefix("pgtable")
        self._namespace = namespace
        self._consumer = consumer
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._sharing = LaneSharing()

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        now, at = time.time(), [0.0] * len(tasks) if due is None else due
        columns = (
            [lane_of(task.priority) for task in tasks],
            [instant if instant > now else None for _, instant in zip(tasks, at, strict=True)],
            [encode(task) for task in tasks],
        )
        await (await self._open()).execute(PUBLISH, self._namespace, *columns)

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        until = time.monotonic() + wait
        pool = await self._open()
        while room > 0:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(PROMOTE, self._namespace, time.time())
                if order is Order.ARRIVAL:
                    found = await self._take(connection, None, room)
                else:
                    found = await self._share(connection, room)
            if found or time.monotonic() >= until:
                return found
            await asyncio.sleep(POLL)
        return []

    async def ack(self, receipts: Sequence[str]) -> None:
        delete = "DELETE FROM queue_entry WHERE namespace = $1 AND id = ANY($2)"
        await (await self._open()).execute(delete, self._namespace, _ids(receipts))

    async def depth(self) -> QueueDepth:
        return QueueDepth(*await (await self._open()).fetchrow(DEPTH, self._namespace))

    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        now = time.time()
        args = (self._namespace, self._consumer, now, now - min_idle_seconds, room)
        return _deliveries(await (await self._open()).fetch(ADOPT, *args))

    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        args = (self._namespace, self._consumer, time.time(), _ids(receipts))
        kept = {str(row["id"]) for row in await (await self._open()).fetch(KEEP, *args)}
        return [receipt for receipt in receipts if receipt not in kept]

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                pool = await asyncpg.create_pool(self._url, min_size=1, max_size=4)
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute(SCHEMA)
                self._pool = pool
        return self._pool

    async def _take(self, connection: Any, lane: int | None, room: int) -> list[Delivery]:
        args = (self._namespace, self._consumer, time.time(), lane, room)
        return _deliveries(await connection.fetch(TAKE, *args))

    async def _share(self, connection: Any, room: int) -> list[Delivery]:
        found: list[Delivery] = []
        conversation = self._sharing.fill(room)
        asked = next(conversation)
        with suppress(StopIteration):
            while True:
                lanes = [await self._take(connection, n, want) for n, want in enumerate(asked)]
                found += [entry for lane in lanes for entry in lane]
                asked = conversation.send([len(lane) for lane in lanes])
        return found


def _ids(receipts: Sequence[str]) -> list[int]:
    return [int(one) for one in receipts if one.isascii() and one.isdecimal() and len(one) < 19]


def _deliveries(rows: Sequence[Any]) -> list[Delivery]:
    return [
        _delivery(str(row["id"]), row["payload"], row["delivered"])
        for row in sorted(rows, key=lambda row: row["place"])
    ]


def _delivery(receipt: str, payload: bytes, delivered: int) -> Delivery:
    try:
        return Delivery(receipt, decode(payload), None, delivered)
    except PoisonError:
        return Delivery(receipt, None, {"t": payload.decode(errors="replace")}, delivered)
