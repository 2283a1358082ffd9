"""Kill each part of a running service under load: every accepted task ends exactly once."""

from __future__ import annotations

import os
import signal
from functools import partial

import anyio
import httpx
import pytest
from live_site import kinds, until
from redis.asyncio import Redis

from trx_server.client import Refused
from trx_server.client.client import LOGIN
from trx_server.store import put_setting

from .conftest import Chaos

LOAD = 200


async def test_all_is_well_and_the_algorithm_can_be_switched(chaos: Chaos) -> None:
    first = await chaos.submit(40)
    await chaos.audit()
    await chaos.client.switch("fifo")
    with pytest.raises(Refused):
        await chaos.client.switch("no-such-thing")
    await anyio.sleep(2.5)
    second = await chaos.submit(40)
    await chaos.audit()
    async with chaos.site() as site:
        await put_setting(site.pool, "algorithm", {"name": "of-another-version", "params": {}})
        await anyio.sleep(2.5)
        third = await chaos.submit(40)
        histories = await site.audit([*first, *second, *third])
        await put_setting(site.pool, "algorithm", {"name": "greedy", "params": {}})
    expected = ["enqueued", "dispatched", "completed"]
    assert all(kinds(history) == expected for history in histories.values())
    used = [
        {(await chaos.client.task(i)).algorithm_used for i in p} for p in (first, second, third)
    ]
    assert used == [{"greedy"}, {"fifo"}, {"fifo"}]


async def test_a_runner_is_killed(chaos: Chaos) -> None:
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    chaos.kill("runner-1")
    assert await chaos.audit(ids) > 0


async def test_a_runner_is_paused_for_longer_than_its_lease(chaos: Chaos) -> None:
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    pid = chaos.service.supervisor.pids()["runner-2"]
    os.kill(pid, signal.SIGSTOP)
    await anyio.sleep(2 * chaos.settings.lease_seconds)
    os.kill(pid, signal.SIGCONT)
    await chaos.submit(LOAD)
    await chaos.audit()


async def test_the_api_is_killed(chaos: Chaos) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(chaos.submit, LOAD)
        for _ in range(2):
            await anyio.sleep(0.5)
            chaos.kill("api")
    assert len(chaos.accepted) > 3 * LOAD
    await chaos.audit()


async def test_redis_is_flushed(chaos: Chaos) -> None:
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    async with Redis.from_url(chaos.servers.redis_url) as client:
        await client.flushall()
    ids += await chaos.submit(LOAD)
    assert await chaos.audit(ids) == 0


async def test_redis_is_killed(chaos: Chaos) -> None:
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    chaos.kill("valkey")
    ids += await chaos.submit(LOAD)
    assert await chaos.audit(ids) == 0


async def test_redis_is_away_for_longer_than_a_lease(chaos: Chaos) -> None:
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    async with chaos.without("valkey"):
        await until(lambda: _health_is(chaos, "degraded"))
        ids += await chaos.submit(LOAD)
        await anyio.sleep(2 * chaos.settings.lease_seconds)
    assert await chaos.audit(ids) == 0


async def test_postgresql_is_killed(chaos: Chaos) -> None:
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    chaos.kill("postgres")
    await chaos.submit(LOAD)
    await chaos.audit()


async def test_postgresql_is_away_for_longer_than_a_lease(chaos: Chaos) -> None:
    token = await _token(chaos)
    ids = await chaos.submit(LOAD)
    await chaos.some_ended(ids)
    async with chaos.without("postgres"):
        await until(lambda: _health_is(chaos, "down"))
        await _sees_problems(chaos, token)
        await anyio.sleep(2 * chaos.settings.lease_seconds)
    ids += await chaos.submit(LOAD)
    assert await chaos.audit(ids) == 0, "a runner that lived was taken for dead"


async def _health_is(chaos: Chaos, status: str) -> bool:
    return await chaos.health() == status


async def _token(chaos: Chaos) -> str:
    form = {"username": "admin", "password": chaos.service.admin_password}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.post(chaos.service.url + LOGIN, data=form)
    return str(answer.json()["access_token"])


async def _sees_problems(chaos: Chaos, token: str) -> None:
    """Every request that needs the ledger of record is answered with a problem."""
    async with httpx.AsyncClient(
        base_url=f"{chaos.service.url}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=40,
    ) as http:
        for ask in (partial(http.get, "/tasks"), partial(http.post, "/tasks", json={"type": "x"})):
            answer = await ask()
            assert answer.status_code == 503, answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == 503
