"""The client against the real API."""

from __future__ import annotations

import time

import anyio
import pytest

from trx_core.errors import AdapterError
from trx_core.fleets import default_fleet
from trx_core.models import EventType, Task, TaskRequest, TaskStatus
from trx_server.client import Client, Refused
from trx_server.service import RunningService

WITHIN = 30.0


async def test_a_batch_is_carried_out_and_told_of(client: Client) -> None:
    since = time.time() - 1
    wanted = [TaskRequest(type="web", cost=cost, priority=10) for cost in (1.0, 2.0, 3.0)]
    ids = await client.submit(wanted)
    with anyio.fail_after(WITHIN):
        while not all([(await client.task(one)).status.ended for one in ids]):
            await anyio.sleep(0.02)
    tasks = [await client.task(one) for one in ids]
    assert [task.cost for task in tasks] == [1.0, 2.0, 3.0]
    assert [task.id for task in tasks] == ids
    assert set(ids) <= {task.id for task in await listed(client, page=2)}
    entries = [entry async for page in client.log_pages(since) for entry in page]
    told = {kind: {e.task_id for e in entries if e.event_type is kind} for kind in EventType}
    done = {task.id for task in tasks if task.status is TaskStatus.COMPLETED}
    assert told[EventType.COMPLETED] & set(ids) == done
    assert told[EventType.ENQUEUED] >= set(ids)
    assert all(entry.timestamp >= since for entry in entries)
    assert set((await client.stats())["tasks"]) == set(TaskStatus)


async def listed(client: Client, page: int) -> list[Task]:
    found = await client.tasks(limit=page)
    tasks = [*found.items]
    while found.cursor is not None:
        found = await client.tasks(cursor=found.cursor, limit=page)
        tasks += found.items
    return tasks


async def test_a_bad_batch_is_refused_whole_and_names_rows_and_fields(client: Client) -> None:
    good = TaskRequest(type="never-stored")
    with pytest.raises(Refused, match=r"row 1, region: .*'nowhere'") as caught:
        await client.submit([good, TaskRequest(type="web", region="nowhere"), good])
    assert [(e.row, e.field) for e in caught.value.errors] == [(1, "region")]
    assert caught.value.code.startswith("TRX-C")
    assert (await client.tasks(type="never-stored")).items == []


async def test_the_fleet_and_the_algorithm_can_be_seen_and_switched(client: Client) -> None:
    assert await client.capacities() == {p.name: p.capacity for p in default_fleet().pools}
    assert (await client.switch("fifo")).new == "fifo"
    assert await client.switch("greedy") == ("fifo", "greedy")
    with pytest.raises(Refused, match="no-such-algorithm"):
        await client.switch("no-such-algorithm")
    assert (await client.health())["status"] == "ok"


async def test_a_wrong_password_is_told_as_such(service: RunningService) -> None:
    async with Client(service.url, "admin", "wrong") as client:
        with pytest.raises(AdapterError, match=r"TRX-A404: .* 'admin'"):
            await client.login()
        with pytest.raises(AdapterError, match="TRX-A404"):
            await client.stats()


async def test_what_is_not_there_is_refused(client: Client) -> None:
    [task_id] = await client.submit([TaskRequest(type="web")])
    with pytest.raises(Refused) as caught:
        await client.task(type(task_id)(int=task_id.int ^ 1))
    assert caught.value.status == 404
