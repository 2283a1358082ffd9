"""Bad requests: refused with problem details that name the field or row, and nothing is stored."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from trx_server.store import Role, save_fleet

from .harness import API, FLEET, Served, serve

GOOD = {"type": "t"}


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    assert content["status"] == status
    assert content["code"].startswith("TRX-")
    assert content["request_id"] == response.headers["x-request-id"]
    return content


BAD_FIELDS: list[tuple[Any, str]] = [
    ({}, "type"),
    ({"type": ""}, "type"),
    ({"type": "nul\0"}, "type"),
    ({"type": 3}, "type"),
    ({"type": "t", "priority": 0}, "priority"),
    ({"type": "t", "priority": 11}, "priority"),
    ({"type": "t", "priority": "5"}, "priority"),
    ({"type": "t", "priority": 5.5}, "priority"),
    ({"type": "t", "priority": True}, "priority"),
    ({"type": "t", "cost": -1}, "cost"),
    ({"type": "t", "cost": 1e300}, "cost"),
    ({"type": "t", "cost": 10**400}, "cost"),
    ({"type": "t", "region": "atlantis"}, "region"),
    ({"type": "t", "colour": "red"}, "colour"),
    ({"type": "t", "status": "completed"}, "status"),
    ({"type": "t", "metadata": []}, "metadata"),
    ({"type": "t", "metadata": {"a": "\0"}}, "metadata"),
    ({"type": "t", "metadata": {"\0": 1}}, "metadata"),
    ({"type": "t", "metadata": {"a": 2**64}}, "metadata"),
    ({"type": "t", "metadata": {"a": "x" * 20_000}}, "metadata"),
    ({"type": "t", "slots": 0}, "slots"),
    ({"type": "t", "region_required": True}, "region_required"),
    ({"type": "t", "region": "eu", "region_required": 1}, "region_required"),
    ({"type": "t", "deadline_seconds": 0}, "deadline_seconds"),
]


async def test_a_bad_field_is_named(api: Served, subtests: pytest.Subtests) -> None:
    for body, field in BAD_FIELDS:
        with subtests.test(body=str(body)[:80]):
            content = problem(await api.post("/tasks", body), 422)
            assert [error["field"] for error in content["errors"]] == [field]
            assert await api.stored() == 0


MALFORMED = [
    b"",
    b"{",
    b'{"type": "t"} x',
    b"\xff\xfe",
    b'{"type": "\\ud800"}',
    b'{"type": "t", "metadata": {"a": "\\udc00"}}',
    b'{"type": "t", "type": "u"}',
    b'{"type": "t", "metadata": {"a": {"b": 1, "b": 2}}}',
    b'{"type": "t", "metadata": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    b'{"type": "t", "metadata": {"a": ' + b"9" * 5000 + b"}}",
]


async def test_malformed_json(api: Served, subtests: pytest.Subtests) -> None:
    for body in MALFORMED:
        with subtests.test(body=str(body[:80])):
            problem(await api.raw("/tasks", body), 400)
            problem(await api.raw("/tasks/batch", b"[" + body + b"]"), 400 if body else 422)
            assert await api.stored() == 0


async def test_numbers_that_json_does_not_have(api: Served) -> None:
    for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
        for body in (b'{"type":"t","cost":%s}', b'{"type":"t","metadata":{"a":%s}}'):
            problem(await api.raw("/tasks", body % number), 422)
    assert await api.stored() == 0


async def test_a_bad_row_is_named_and_its_batch_is_refused(api: Served) -> None:
    rows = [GOOD, GOOD, {"type": "t", "priority": 99, "nope": 1}, {**GOOD, "region": "atlantis"}]
    content = problem(await api.post("/tasks/batch", rows), 422)
    assert {(error["row"], error["field"]) for error in content["errors"]} == {
        (2, "priority"),
        (2, "nope"),
        (3, "region"),
    }
    content = problem(await api.post("/tasks/batch", [*rows[:2], rows[3]]), 422)
    assert [(error["row"], error["field"]) for error in content["errors"]] == [(2, "region")]
    huge = {**GOOD, "metadata": {"a": 2**70}}
    content = problem(await api.post("/tasks/batch", [GOOD, huge]), 422)
    assert [(error["row"], error["field"]) for error in content["errors"]] == [(1, "metadata")]
    assert await api.stored() == 0


async def test_a_task_that_no_pool_could_take_is_refused(api: Served) -> None:
    rows: list[dict[str, Any]] = [
        {**GOOD, "resource_type": "quantum"},
        {**GOOD, "resource_type": "gpu", "slots": 3},
        {**GOOD, "slots": 4},
        {**GOOD, "slots": 5, "priority": 0},
        {**GOOD, "region": "eu", "region_required": True, "resource_type": "gpu"},
        {**GOOD, "region_required": True},
    ]
    content = problem(await api.post("/tasks/batch", rows), 422)
    assert [(e["row"], e["field"], e["message"]) for e in content["errors"]] == [
        (0, "resource_type", "no pool is made of 'quantum'; there is: cpu, gpu"),
        (1, "slots", "the largest pool of 'gpu' has 2"),
        (3, "priority", "Input should be greater than or equal to 1"),
        (3, "slots", "the largest pool has 4"),
        (4, "resource_type", "no pool in 'eu' is made of 'gpu'; there is: cpu"),
        (5, "region_required", "a task that is bound to its region must name one"),
    ]
    content = problem(await api.post("/tasks", {**rows[3], "region": "atlantis"}), 422)
    assert [error["field"] for error in content["errors"]] == ["priority", "region", "slots"]
    assert await api.stored() == 0


async def test_a_drained_pool_may_come_back_larger(api: Served) -> None:
    pools = tuple(pool.model_copy(update={"capacity": 0}) for pool in FLEET.pools)
    await save_fleet(api.services.pool, FLEET.model_copy(update={"pools": pools}))
    assert (await api.post("/tasks", {**GOOD, "slots": 50})).status_code == 202


async def test_at_most_a_hundred_errors_are_listed(api: Served) -> None:
    content = problem(await api.post("/tasks/batch", [{}] * 300), 422)
    assert (len(content["errors"]), content["error_count"]) == (100, 300)
    assert content["detail"].endswith(" The first 100 of 300 errors are listed.")
    content = problem(await api.post("/tasks/batch", [{}] * 100), 422)
    assert "listed" not in content["detail"]


async def test_batches_have_a_size(ready_database: str, redis_url: str) -> None:
    async with serve(ready_database, redis_url, max_batch=3) as api:
        problem(await api.post("/tasks/batch", [GOOD] * 4), 422)
        content = problem(await api.post("/tasks/batch", [{}] * 4), 422)
        assert content["detail"] == "A batch holds 1 to 3 tasks; this one has 4."
        assert "errors" not in content, "rows of a batch that is too large are not looked at"
        problem(await api.post("/tasks/batch", []), 422)
        problem(await api.post("/tasks/batch", {"tasks": [GOOD]}), 422)
        assert await api.stored() == 0
        assert (await api.post("/tasks/batch", [GOOD] * 3)).status_code == 202


async def test_a_body_that_is_too_large(ready_database: str, redis_url: str) -> None:
    async with serve(ready_database, redis_url, max_body_bytes=2000) as api:
        body = b'{"type":"t"}'
        padded = body + b" " * (2001 - len(body))

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(padded), 100):
                yield padded[start : start + 100]

        problem(await api.raw("/tasks", padded), 413)
        problem(await api.raw("/tasks", chunks()), 413)
        form = {"username": "operator", "password": "x" * 3000}
        problem(await api.http.post(API + "/auth/token", data=form), 413)
        assert await api.stored() == 0
        assert (await api.raw("/tasks", padded[:2000])).status_code == 202


async def test_a_body_that_is_not_json(api: Served) -> None:
    response = await api.http.post(API + "/tasks", data={"type": "t"})
    problem(response, 415)
    assert await api.stored() == 0


BAD_PARAMETERS = [
    ("/tasks?status=lost", "status"),
    ("/tasks?priority=0", "priority"),
    ("/tasks?limit=0", "limit"),
    ("/tasks?limit=1001", "limit"),
    ("/tasks?type=%00", "type"),
    ("/tasks?since=yesterday", "since"),
    ("/tasks?since=2026-01-01T00:00:00", "since"),
    ("/tasks?stauts=queued", "stauts"),
    ("/tasks?cursor=nonsense", "cursor"),
    ("/tasks?cursor=%C3%A9", "cursor"),
    ("/logs?limit=5001", "limit"),
    ("/logs?cursor=", "cursor"),
    ("/logs?task_id=7", "task_id"),
    ("/logs?event_type=vanished", "event_type"),
    ("/tasks/7", "task_id"),
]


async def test_a_bad_parameter_is_named(api: Served, subtests: pytest.Subtests) -> None:
    for path, field in BAD_PARAMETERS:
        with subtests.test(path=path):
            content = problem(await api.http.get(API + path), 422)
            assert [error["field"] for error in content["errors"]] == [field]


async def test_a_parameter_that_there_is_not_is_refused_everywhere(
    api: Served, subtests: pytest.Subtests
) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]
    routes = [(method, path) for path, methods in paths.items() for method in methods]
    assert len(routes) >= 13
    form, headers = {"username": "operator", "password": "x"}, api.as_role(Role.ADMIN)
    for method, path in routes:
        with subtests.test(route=f"{method} {path}"):
            url = re.sub(r"\{(?:task|simulation)_id\}", str(uuid4()), path)
            url += "?colour=red&colour=blue"
            response = await api.http.request(
                method, url, data=form if path.endswith("/token") else None, headers=headers
            )
            content = problem(response, 422)
            assert {error["field"] for error in content["errors"]} == {"colour"}
    assert await api.stored() == 0


async def test_what_is_not_there(api: Served) -> None:
    problem(await api.get(f"/tasks/{uuid4()}"), 404)
    problem(await api.http.delete(f"{API}/tasks/{uuid4()}"), 404)
    problem(await api.get("/nothing"), 404)
    response = await api.http.put(f"{API}/tasks", json=GOOD)
    assert "POST" in response.headers["allow"] or "GET" in response.headers["allow"]
    problem(response, 405)


async def test_only_a_pending_task_can_be_cancelled(api: Served) -> None:
    task = (await api.post("/tasks", GOOD)).json()["id"]
    cancelled = await api.http.delete(f"{API}/tasks/{task}")
    assert cancelled.json()["status"] == "cancelled"
    assert cancelled.json()["completed_at"]
    content = problem(await api.http.delete(f"{API}/tasks/{task}"), 409)
    assert "cancelled" in content["detail"]


async def test_an_algorithm_that_does_not_exist(api: Served) -> None:
    for body, field in (
        ({"name": "gredy"}, "name"),
        ({"name": "greedy", "params": {"no_such": 1}}, "params"),
        ({"name": "greedy", "params": {"a": "\0"}}, "params"),
        ({"name": "oracle"}, "name"),
        ({"name": "greedy", "extra": 1}, "extra"),
        ({}, "name"),
    ):
        content = problem(await api.post("/algorithms/switch", body), 422)
        assert [error["field"] for error in content["errors"]] == [field]
    stats = (await api.get("/system/stats")).json()
    assert stats["algorithm"]["name"] == "greedy"
