"""The service against the bare I/O that it cannot avoid, in one run on the same servers.

    python bench/service.py [TASKS]

The floor does what the service must do to a task with no logic in between, in batches: COPY the
task and its log row, XADD, XREADGROUP, a guarded UPDATE and a COPY of the log for the claim and
again for the end, XACK and XDEL. Service takes no time, so that only the way is measured.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import SystemRandom
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import anyio
import asyncpg
import httpx
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from trx_core.ids import IdFactory
from trx_core.models import Fleet, Task, TaskRequest
from trx_server.client import Client
from trx_server.db import upgrade
from trx_server.embedded import EmbeddedServers
from trx_server.queue import RedisQueue, open_redis
from trx_server.service import ServiceOptions, running_service
from trx_server.settings import Settings
from trx_server.store import insert_tasks, mark_published, open_pool, save_fleet

BATCH: Final = 500
CALLERS: Final = 32
LENGTH: Final = re.compile(rb"(?i)content-length: (\d+)")
REQUEST: Final = TaskRequest(type="bench")
NOTHING: Final = {"kind": "lognormal", "params": {"mean": 0.0, "cv": 0.0, "success_rate": 1.0}}

COPY_TASKS: Final = ("id", "type", "priority", "cost", "enqueued_at", "slots")
COPY_LOG: Final = ("id", "task_id", "timestamp", "event_type", "details")
CLAIM: Final = """
UPDATE task SET status = 'processing', attempt = 1, started_at = now()
WHERE id = ANY($1::uuid[]) AND status = 'queued' RETURNING id
"""
COMPLETED: Final = "SELECT count(*) FROM task WHERE status = 'completed'"
SETTLE: Final = """
UPDATE task SET status = 'completed', completed_at = now()
WHERE id = ANY($1::uuid[]) AND attempt = 1 AND status = 'processing' RETURNING id
"""


def fleet() -> Fleet:
    """Eight pools that are never full and take no time."""
    pool = {"region": "here", "resource_type": "cpu", "cost_per_unit": 1.0, "capacity": 2000}
    names = [f"pool-{number}" for number in range(8)]
    return Fleet.model_validate({"pools": [{**pool, "name": n, "worker": NOTHING} for n in names]})


async def floor_rate(database_url: str, redis_url: str, count: int) -> float:
    """Tasks a second of the bare I/O."""
    async with open_pool(database_url, 4) as pool, Redis.from_url(redis_url, protocol=2) as redis:
        await redis.xgroup_create("floor", "all", id="0", mkstream=True)
        started = time.perf_counter()
        for _ in range(0, count, BATCH):
            await _floor_accept(pool, redis)
        done = 0
        while done < count:
            done += await _floor_work(pool, redis)
        elapsed = time.perf_counter() - started
        await redis.delete("floor")
    return count / elapsed


async def _floor_accept(pool: Any, redis: Any) -> None:
    now = time.time()
    ids = IdFactory(SystemRandom()).many(BATCH, now)
    async with pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "task", records=[(i, "bench", 5, 1.0, now, 1) for i in ids], columns=COPY_TASKS
        )
        await _floor_log(connection, ids, "enqueued")
    pipe = redis.pipeline(transaction=False)
    for one in ids:
        pipe.xadd("floor", {"t": one.hex})
    await pipe.execute()


async def _floor_work(pool: Any, redis: Any) -> int:
    reply = await redis.xreadgroup("all", "one", {"floor": ">"}, count=BATCH)
    entries = reply[0][1] if reply else []
    ids = [UUID(hex=fields[b"t"].decode()) for _, fields in entries]
    for statement, event in ((CLAIM, "dispatched"), (SETTLE, "completed")):
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetch(statement, ids)
            await _floor_log(connection, ids, event)
    receipts = [receipt for receipt, _ in entries]
    await (
        redis.pipeline(transaction=False)
        .xack("floor", "all", *receipts)
        .xdel("floor", *receipts)
        .execute()
    )
    return len(ids)


async def _floor_log(connection: Any, tasks: Sequence[UUID], event: str) -> None:
    now = time.time()
    ids = IdFactory(SystemRandom()).many(len(tasks), now)
    await connection.copy_records_to_table(
        "schedule_log",
        records=[(i, task, now, event, {}) for i, task in zip(ids, tasks, strict=True)],
        columns=COPY_LOG,
    )


async def drain_rate(database_url: str, redis_url: str, count: int) -> float:
    """Tasks a second of one runner on a full queue."""
    async with open_pool(database_url, 4) as pool:
        await save_fleet(pool, fleet())
        await _fill(pool, redis_url, count)
        async with _runner(database_url, redis_url):
            started: float | None = None
            first = 0
            while True:
                done = int(await pool.fetchval(COMPLETED))
                if done and started is None:
                    started, first = time.perf_counter(), done
                if done >= count and started is not None:
                    return (done - first) / (time.perf_counter() - started)
                await anyio.sleep(0.05)


async def _fill(pool: Any, redis_url: str, count: int) -> None:
    client = await open_redis(redis_url)
    ids = IdFactory(SystemRandom())
    async with RedisQueue(client, owns_client=True) as queue:
        for _ in range(0, count, BATCH):
            now = time.time()
            tasks = [Task(i, "bench", enqueued_at=now) for i in ids.many(BATCH, now)]
            await insert_tasks(pool, tasks, ids, now)
            await mark_published(pool, tasks, await queue.append(tasks))


@asynccontextmanager
async def _runner(database_url: str, redis_url: str) -> AsyncIterator[None]:
    env = os.environ | {"TRX_DATABASE_URL": database_url, "TRX_REDIS_URL": redis_url}
    command = [sys.executable, "-m", "trx_core.cli", "runner"]
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


async def accept_rates(folder: Path, count: int) -> tuple[float, float, float]:
    """Tasks a second through HTTP: batches of one client, single tasks of many, and to the end."""
    settings = Settings(data_dir=folder, port=0, window=2000)
    options = ServiceOptions(settings=settings, runners=1, fleet=fleet())
    async with running_service(options, lambda event: None, lambda step: None) as service:
        assert service.admin_password is not None
        async with Client(service.url, "admin", service.admin_password) as client:
            await client.login()
            started = time.perf_counter()
            for _ in range(0, count, BATCH):
                await client.submit([REQUEST] * BATCH)
            batches = count / (time.perf_counter() - started)
            await _until_drained(client, count)
            whole = count / (time.perf_counter() - started)
            token = await _token(service.url, service.admin_password)
            single = await _single_rate(service.url, token, count)
    return batches, single, whole


async def _single_rate(url: str, token: str, count: int) -> float:
    """Requests a second of callers that each keep one connection and wait for every answer.

    They speak plain HTTP/1.1 over a socket: a client library would be slower than the server.
    """
    address = urlsplit(url)
    body = REQUEST.model_dump_json(exclude_defaults=True).encode()
    head = (
        f"POST /api/v1/tasks HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body

    async def call() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for _ in range(count // CALLERS):
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 202 " not in answer.split(b"\r\n")[0]:
                raise RuntimeError(f"the API answered {answer!r}")
            await reader.readexactly(int(LENGTH.search(answer)[1]))  # type: ignore[index]
        writer.close()

    started = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(CALLERS):
            tasks.start_soon(call)
    return count // CALLERS * CALLERS / (time.perf_counter() - started)


async def _token(url: str, password: str) -> str:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        form = {"username": "admin", "password": password}
        answer = await client.post("/api/v1/auth/token", data=form)
        return str(answer.raise_for_status().json()["access_token"])


async def _until_drained(client: Client, count: int) -> None:
    while (await client.stats())["tasks"]["completed"] < count:
        await anyio.sleep(0.1)


async def main(count: int) -> None:
    """Measure everything, one after the other, and print it beside the floor."""
    with _folder() as bare, _folder() as whole_service:
        async with EmbeddedServers(Path(bare)) as servers:
            floors = []
            for name in ("floor_1", "drain", "floor_2"):
                url = await _database(servers, name)
                if name == "drain":
                    drain = await drain_rate(url, servers.redis_url, count)
                else:
                    floors.append(await floor_rate(url, servers.redis_url, count))
        batches, single, whole = await accept_rates(Path(whole_service), count)
    floor = sum(floors) / len(floors)
    table = Table("what", "tasks/s", "of the floor", title=f"{count:,} tasks")
    for what, rate in (
        (f"floor: bare I/O of the whole way, batches of {BATCH}", floor),
        ("one runner on a full queue: read, decide, claim, settle", drain),
        (f"accept: one client, batches of {BATCH} over HTTP", batches),
        (f"accept: {CALLERS} callers, one task each request", single),
        ("the whole way: HTTP, PostgreSQL, stream, routing, to the end", whole),
    ):
        table.add_row(what, f"{rate:,.0f}", f"{rate / floor:.2f}")
    Console().print(table)


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="trx-bench-")


async def _database(servers: EmbeddedServers, name: str) -> str:
    connection = await asyncpg.connect(servers.postgres.url("postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = servers.postgres.url(name)
    await upgrade(url)
    return url


if __name__ == "__main__":
    anyio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
