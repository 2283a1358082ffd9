"""What is answered 202 is stored and published; what is refused leaves nothing behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from trx_core.models import Task
from trx_core.protocols import Order
from trx_server.queue import LiveQueue

from .harness import Served, eventually


async def delivered(queue: LiveQueue, room: int = 1000) -> list[UUID]:
    return [d.task.id for d in await queue.fetch(room, Order.ARRIVAL, wait=0.2) if d.task]


async def test_a_task_is_stored_logged_and_published(api: Served) -> None:
    body = {"type": "resize", "priority": 9, "cost": 2.5, "region": "eu", "metadata": {"a": [1]}}
    response = await api.post("/tasks", body)
    assert response.status_code == 202
    location = response.headers["location"]
    task = (await api.http.get(location)).json()
    assert task["id"] == response.json()["id"]
    assert {**task, **body} == task
    assert task["status"] == "queued"
    log = (await api.get("/logs", task_id=task["id"])).json()["items"]
    assert [entry["event_type"] for entry in log] == ["enqueued"]
    assert await delivered(api.services.queue) == [UUID(task["id"])]
    await eventually(lambda: _none_unpublished(api))


async def test_concurrent_tasks_are_stored_and_published_once_each(api: Served) -> None:
    answers = await asyncio.gather(
        *(api.post("/tasks", {"type": "t", "priority": 1 + n % 10}) for n in range(64))
    )
    assert {answer.status_code for answer in answers} == {202}
    ids = {UUID(answer.json()["id"]) for answer in answers}
    assert len(ids) == 64 == await api.stored()
    await eventually(lambda: _none_unpublished(api))
    await api.services.relay.sweep()
    assert sorted(await delivered(api.services.queue)) == sorted(ids)


async def test_a_batch_keeps_its_order(api: Served) -> None:
    rows = [{"type": f"t{n}"} for n in range(300)]
    response = await api.post("/tasks/batch", rows)
    assert response.status_code == 202
    assert response.json()["count"] == 300
    listed = (await api.get("/tasks", limit=300)).json()["items"]
    assert [task["id"] for task in reversed(listed)] == response.json()["ids"]
    assert [task["type"] for task in reversed(listed)] == [row["type"] for row in rows]


async def test_a_submission_that_the_database_refuses_harms_no_other(api: Served) -> None:
    now = api.services.clock.now()
    tasks = [Task(id=one, type="t", enqueued_at=now) for one in api.services.ids.many(5, now)]
    tasks[2] = replace(tasks[2], metadata={"nul": "\0"})
    outcomes = await asyncio.gather(
        *(api.services.acceptor.submit([task]) for task in tasks), return_exceptions=True
    )
    assert [outcome is None for outcome in outcomes] == [True, True, False, True, True]
    assert await api.stored() == 4
    assert api.services.acceptor.waiting == 0


async def _none_unpublished(api: Served) -> bool:
    return await api.unpublished() == 0
