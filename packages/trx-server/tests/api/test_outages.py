"""Redis away: tasks are accepted and published later. PostgreSQL away: a clear 503."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import pytest
from gate import behind_gate
from redis.asyncio import Redis

from trx_core.errors import AdapterError
from trx_core.models import Task
from trx_core.protocols import Order
from trx_server.accept import Acceptor
from trx_server.embedded import ProcessSpec, Supervisor
from trx_server.embedded.binaries import find_binaries
from trx_server.store import NothingWrittenError, Pool, open_pool

from .harness import API, Served, eventually, serve

GOOD = {"type": "t"}
WAITING = (
    "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE '%task%'"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="trx-") as name:
        yield Path(name)


@asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[Supervisor]:
    """A Valkey of this test's own; it keeps nothing when it stops."""
    socket = folder / "valkey.sock"
    options = {"port": "0", "unixsocket": str(socket), "save": "", "appendonly": "no"}
    argv = [str(find_binaries().valkey)]
    argv += [item for name, value in options.items() for item in (f"--{name}", value)]

    async def answers() -> None:
        async with Redis.from_url(url_of(folder)) as client:
            await client.ping()

    async with Supervisor() as supervisor:
        log = folder / "valkey.log"
        await supervisor.start(
            ProcessSpec(name="valkey", argv=argv, cwd=folder, log=log, ready=answers)
        )
        yield supervisor


def url_of(folder: Path) -> str:
    return f"unix://{folder}/valkey.sock"


async def waiting(api: Served) -> set[UUID]:
    found = await api.services.queue.fetch(1000, Order.ARRIVAL, wait=0.2)
    return {entry.task.id for entry in found if entry.task}


async def accepted(api: Served, count: int = 3) -> set[UUID]:
    response = await api.post("/tasks/batch", [GOOD] * count)
    assert response.status_code == 202, response.text
    return {UUID(one) for one in response.json()["ids"]}


async def status(api: Served) -> str:
    answer: str = (await api.get("/health")).json()["status"]
    return answer


async def test_tasks_accepted_without_redis_are_published_when_it_is_back(
    ready_database: str, folder: Path
) -> None:
    async with serve(ready_database, url_of(folder)) as api:
        early = await accepted(api)
        health = await api.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert await api.unpublished() == 3
        async with valkey(folder):
            await eventually(lambda: _published(api))
            assert await waiting(api) == early

        late = await accepted(api)
        async with valkey(folder):

            async def found() -> bool:
                seen.update(await waiting(api))
                return seen == early | late

            seen: set[UUID] = set()
            await eventually(found)


async def test_a_flushed_redis_is_filled_again(api: Served, redis_url: str) -> None:
    tasks = await accepted(api, 50)
    await eventually(lambda: _published(api))
    async with Redis.from_url(redis_url) as client:
        await client.flushall()

    async def found() -> bool:
        seen.update(await waiting(api))
        return seen == tasks

    seen: set[UUID] = set()
    await eventually(found)


async def test_a_redis_that_hangs_keeps_nobody_waiting(api: Served, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.client_pause(3000)
        tasks = await accepted(api)
        assert await api.unpublished() == 3
        await client.client_unpause()

    async def found() -> bool:
        seen.update(await waiting(api))
        return seen == tasks

    seen: set[UUID] = set()
    await eventually(found)


async def test_without_postgresql_nothing_is_accepted_and_everyone_is_told(
    ready_database: str, redis_url: str, folder: Path
) -> None:
    async with (
        behind_gate(ready_database, folder) as (url, way),
        serve(url, redis_url) as api,
    ):
        await accepted(api)
        await way.shut()
        form = {"username": "viewer", "password": "x"}
        for response in (
            await api.post("/tasks", GOOD),
            await api.post("/tasks/batch", [{**GOOD, "region": "mars"}]),
            await api.get("/tasks"),
            await api.get("/workers"),
            await api.post("/algorithms/switch", {"name": "greedy"}),
            await api.http.post(API + "/auth/token", data=form),
        ):
            assert response.status_code == 503, response.text
            assert response.headers["content-type"] == "application/problem+json"
            assert int(response.headers["retry-after"]) > 0
            assert response.json()["code"] == "TRX-A301"
            assert "Nothing of this request was stored: send it again." in response.text
            assert str(folder) not in response.text
        assert (await api.get("/metrics")).status_code == 200

        async def down() -> bool:
            return await status(api) == "down"

        async def well() -> bool:
            return await status(api) == "ok"

        await eventually(down)
        assert (await api.get("/health")).status_code == 503
        await way.open()
        await eventually(well)
        await accepted(api)
        assert await api.stored() == 6


@pytest.mark.parametrize("kept", [True, False])
async def test_a_batch_whose_answer_is_lost_is_stored_once_and_accepted(
    ready_database: str, redis_url: str, folder: Path, kept: bool
) -> None:
    async with (
        behind_gate(ready_database, folder) as (url, way),
        serve(url, redis_url) as api,
        open_pool(ready_database, 2) as direct,
    ):
        await accepted(api)
        await eventually(lambda: _published(api))
        async with direct.acquire() as locker, locker.transaction():
            await locker.execute("LOCK TABLE task IN ACCESS EXCLUSIVE MODE")
            first = asyncio.create_task(accepted(api, 8))
            await eventually(partial(_waits_for_a_lock, direct))
            await way.shut()
            if not kept:
                await direct.execute(f"SELECT pg_terminate_backend(pid) {WAITING}")
        await asyncio.sleep(0.3)
        assert not first.done()
        await way.open()
        ids = await first
        assert len(ids) == 8
        assert await direct.fetchval("SELECT count(*) FROM task") == 3 + 8


async def test_a_batch_whose_fate_stays_unknown_is_told_so() -> None:
    class LostError(AdapterError):
        """An answer that does not come."""

    lost, away = LostError("lost", code="TRX-A302"), NothingWrittenError("away", code="TRX-A301")
    for answers, told in (([away], away), ([lost, away, away], lost)):
        said = iter(answers)

        async def store(_: Sequence[Task], said: Iterator[AdapterError] = said) -> None:
            raise next(said, away)

        acceptor = Acceptor(store, lambda _: None, most_waiting=9, insist_for=0.3)
        async with anyio.create_task_group() as group:
            group.start_soon(acceptor.run)
            with pytest.raises(type(told), match=str(told)):
                await acceptor.submit([Task(id=uuid4(), type="t", enqueued_at=0.0)])
            group.cancel_scope.cancel()


async def test_a_cancellation_that_cannot_be_looked_up_is_not_said_to_be_undone(
    ready_database: str, redis_url: str, folder: Path
) -> None:
    async with (
        behind_gate(ready_database, folder) as (url, way),
        serve(url, redis_url) as api,
        open_pool(ready_database, 2) as direct,
    ):
        (task,) = await accepted(api, 1)
        await eventually(lambda: _published(api))
        async with direct.acquire() as locker, locker.transaction():
            await locker.execute("LOCK TABLE task IN ACCESS EXCLUSIVE MODE")
            asked = asyncio.create_task(api.http.delete(f"{API}/tasks/{task}"))
            await eventually(partial(_waits_for_a_lock, direct))
            await way.shut()
        response = await asked
        assert (response.status_code, response.json()["code"]) == (503, "TRX-A302")
        assert "Nothing of this request" not in response.text


async def _waits_for_a_lock(pool: Pool) -> bool:
    return bool(await pool.fetchval(f"SELECT count(*) {WAITING}"))


async def test_too_much_at_once_is_refused(ready_database: str, redis_url: str) -> None:
    async with serve(ready_database, redis_url, max_waiting=10) as api:
        async with api.services.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE task IN ACCESS EXCLUSIVE MODE")
            first = asyncio.create_task(accepted(api, 8))

            async def blocked() -> bool:
                return api.services.acceptor.waiting == 8

            await eventually(blocked)
            response = await api.post("/tasks/batch", [GOOD] * 3)
            assert (response.status_code, response.json()["code"]) == (503, "TRX-A304")
            assert "retry-after" in response.headers
        assert len(await first) == 8
        assert await api.stored() == 8


async def _published(api: Served) -> bool:
    return await api.unpublished() == 0
