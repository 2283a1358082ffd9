"""Pools by the API: added, changed, and refused field by field."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trx_server.store import Role, load_fleet

from .harness import API, FLEET, Served

POOL: dict[str, Any] = {
    "region": "eu",
    "resource_type": "cpu",
    "cost_per_unit": 0.5,
    "capacity": 8,
    "worker": {
        "kind": "gamma",
        "params": {
            "mean": 2.0,
            "cv": 0.5,
            "by_type": {"render": {"mean": 9.0}},
            "outages": [{"every": 3600, "lasts": 60, "group": "eu"}],
        },
    },
}


async def put(api: Served, name: str, body: Any) -> httpx.Response:
    headers = api.as_role(Role.ADMIN)
    return await api.http.put(f"{API}/workers/{name}", json=body, headers=headers)


async def test_a_pool_is_added_with_its_workers(api: Served) -> None:
    response = await put(api, "cpu-eu-2", POOL)
    assert response.status_code == 200, response.text
    told = response.json()
    assert told["worker"] == POOL["worker"]
    fleet = await load_fleet(api.services.pool)
    assert fleet is not None
    names = [pool.name for pool in fleet.pools]
    assert names == ["cpu-eu", "cpu-eu-2", "gpu-us"]
    assert fleet.pools[1].worker.params == POOL["worker"]["params"]
    headers = api.as_role(Role.ADMIN)
    again = await api.http.get(f"{API}/workers/cpu-eu-2", headers=headers)
    assert again.json() == told


async def test_a_pool_that_is_changed_keeps_its_id_and_load(api: Served) -> None:
    await api.services.pool.execute("UPDATE worker_pool SET current_load = 3 WHERE name='cpu-eu'")
    told = (await put(api, "cpu-eu", POOL)).json()
    assert (told["id"], told["current_load"]) == (str(FLEET.pools[0].id), 3)
    assert (told["capacity"], told["worker"]["kind"]) == (8, "gamma")


@pytest.mark.parametrize(
    ("worker", "fields"),
    [
        ({"kind": "gama"}, ["worker.kind"]),
        ({"kind": "gamma", "params": {"cv": -1}}, ["worker.params.cv"]),
        (
            {"kind": "gamma", "params": {"men": 1, "by_type": {"render": {"mean": "slow"}}}},
            ["worker.params.men", "worker.params.by_type.render.mean"],
        ),
        (
            {"kind": "gamma", "params": {"outages": [{"every": 60}]}},
            ["worker.params.outages.0.lasts"],
        ),
        ({"kind": "gamma", "params": {"elastic": {"target": 2}}}, ["worker.params.elastic.target"]),
        ({"kind": "empirical"}, ["worker.params"]),
        ({"kind": "empirical", "params": {"file": "/nowhere"}}, ["worker.params.file"]),
        ({"kind": "recorded", "params": {"speed": 0}}, ["worker.params.speed"]),
        ({"kind": "gamma", "params": {"mean": "a\0"}}, ["worker.params"]),
        ({}, ["worker.kind"]),
    ],
)
async def test_a_worker_that_cannot_be_made_is_refused_by_field(
    api: Served, worker: Any, fields: list[str]
) -> None:
    response = await put(api, "new", POOL | {"worker": worker})
    assert response.status_code == 422
    content = response.json()
    assert [error["field"] for error in content["errors"]] == fields
    fleet = await load_fleet(api.services.pool)
    assert fleet is not None
    assert len(fleet.pools) == 2


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("new", {"capacity": -1}, "capacity"),
        ("new", {"current_load": 1}, "current_load"),
        ("new", {"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}, "id"),
        ("new", {"region": ""}, "region"),
        ("-new", {}, "name"),
        ("a b", {}, "name"),
    ],
)
async def test_a_description_that_is_wrong_is_refused_by_field(
    api: Served, name: str, changes: Any, field: str
) -> None:
    response = await put(api, name, POOL | changes)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_a_pool_that_is_not_there(api: Served) -> None:
    response = await api.http.get(f"{API}/workers/no", headers=api.as_role(Role.ADMIN))
    assert (response.status_code, response.json()["code"]) == (404, "TRX-C221")
