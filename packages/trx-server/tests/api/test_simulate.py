"""Traffic that is simulated against the running service."""

from __future__ import annotations

import time
from typing import Any

import anyio
import httpx
import pytest
import wayward_traffic

from trx_core.models import Disruption
from trx_core.plugins import registry_of
from trx_server.store import (
    Role,
    SimulationState,
    add_simulation,
    get_simulation,
    load_disruptions,
)

from .harness import API, Served, eventually, serve

NO_POOLS = {"mix": {"web": {}}, "regions": {}, "anywhere": 1.0}
"""Tasks that any fleet can take."""


def steady(**more: Any) -> dict[str, Any]:
    params = {"rate": 1000.0, **NO_POOLS, **more.pop("params", {})}
    return {"scenario": "steady", "params": params, **more}


async def ended(api: Served, started: httpx.Response) -> dict[str, Any]:
    """The simulation once it has ended."""
    where = started.headers["location"].removeprefix(API)

    async def has_ended() -> bool:
        return bool((await api.get(where)).json()["state"] != "running")

    await eventually(has_ended)
    found: dict[str, Any] = (await api.get(where)).json()
    return found


async def test_submits_the_tasks_of_a_scenario(api: Served) -> None:
    started = await api.post("/simulate", steady(max_tasks=300, speed=2.0, seed=3))
    assert started.status_code == 202
    assert started.json()["state"] == "running"
    found = await ended(api, started)
    assert (found["state"], found["submitted"], found["refused"]) == ("finished", 300, 0)
    assert found["detail"] == "it reached its limit of 300 tasks"
    assert await api.stored() == 300
    assert (await api.get("/simulate")).json()["items"] == [found]


async def test_times_are_kept_and_a_limit_of_time_holds(api: Served) -> None:
    body = steady(params={"rate": 50.0}, speed=2.0, max_seconds=1.0)
    began = time.monotonic()
    found = await ended(api, await api.post("/simulate", body))
    assert time.monotonic() - began >= 1.0
    assert found["state"] == "finished"
    assert found["detail"] == "it reached its limit of 1 s"
    assert 20 <= found["submitted"] <= 200
    assert await api.stored() == found["submitted"]


async def test_is_stopped(api: Served) -> None:
    started = await api.post("/simulate", steady(params={"rate": 20.0}, max_seconds=600.0))
    where = started.headers["location"]
    stopping = await api.http.delete(where)
    assert (stopping.status_code, stopping.json()["stopping"]) == (202, True)
    found = await ended(api, started)
    assert found["state"] == "stopped"
    again = await api.http.delete(where)
    assert (again.status_code, again.json()["state"]) == (202, "stopped")


async def test_tasks_that_no_pool_takes_are_counted(api: Served) -> None:
    body = steady(params={"count": 40, "regions": {"mars": 1}, "anywhere": 0.5})
    found = await ended(api, await api.post("/simulate", body))
    assert found["submitted"] + found["refused"] == 40
    assert found["refused"] > 5
    assert "no pool stands in 'mars'" in found["detail"]
    assert await api.stored() == found["submitted"]


async def test_why_tasks_were_refused_is_still_told_when_later_ones_are_taken(api: Served) -> None:
    few = {"rate": 20.0, "count": 60, "regions": {"mars": 1}, "anywhere": 0.8}
    found = await ended(api, await api.post("/simulate", steady(params=few, max_tasks=50)))
    assert 0 < found["refused"] < 50
    assert "it reached its limit of 50 tasks; tasks are refused: region: no" in found["detail"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "scenario"),
    ({"scenario": "no-such"}, "scenario"),
    ({"scenario": 3}, "scenario"),
    ({"scenario": "steady", "params": {"rate": -1}}, "params.rate"),
    ({"scenario": "steady", "params": {"mix": {"web": {"cost": "x"}}}}, "params.mix.web.cost"),
    ({"scenario": "steady", "params": {"colour": 1}}, "params.colour"),
    ({"scenario": "steady", "params": []}, "params"),
    ({"scenario": "steady", "speed": 0}, "speed"),
    ({"scenario": "steady", "max_tasks": 0}, "max_tasks"),
    ({"scenario": "steady", "max_tasks": 10**7}, "max_tasks"),
    ({"scenario": "steady", "max_seconds": 1e9}, "max_seconds"),
    ({"scenario": "steady", "seed": 2**70}, "seed"),
    ({"scenario": "steady", "colour": 1}, "colour"),
    ({"scenario": "regional-failure", "params": {"region": "mars"}}, "params"),
]


async def test_what_is_wrong_is_named(api: Served, subtests: pytest.Subtests) -> None:
    for body, field in BAD:
        with subtests.test(body=body):
            response = await api.post("/simulate", body)
            assert response.status_code == 422
            assert response.headers["content-type"] == "application/problem+json"
            assert field in [error["field"] for error in response.json()["errors"]]
    assert (await api.get("/simulate")).json()["items"] == []


async def test_who_may(api: Served, subtests: pytest.Subtests) -> None:
    failure = {"scenario": "regional-failure", "params": {"region": "eu", "start": 1000.0}}
    for role, plain, disruptive in (
        (Role.VIEWER, 403, 403),
        (Role.SUBMITTER, 202, 403),
        (Role.OPERATOR, 202, 202),
    ):
        with subtests.test(role=role):
            headers = api.as_role(role)
            response = await api.post("/simulate", steady(max_tasks=1), headers=headers)
            assert response.status_code == plain
            response = await api.post("/simulate", failure, headers=headers)
            assert response.status_code == disruptive
            if response.is_success:
                stop = await api.http.delete(response.headers["location"], headers=headers)
                assert stop.status_code == 202


async def test_one_that_is_not_there(api: Served) -> None:
    for method in ("GET", "DELETE"):
        path = f"{API}/simulate/0190b6d2-0000-7000-8000-000000000000"
        response = await api.http.request(method, path)
        assert (response.status_code, response.json()["code"]) == (404, "TRX-C231")


async def test_so_many_at_once_and_no_more(api: Served) -> None:
    slow = steady(params={"rate": 0.01})
    codes = [(await api.post("/simulate", slow)).status_code for _ in range(5)]
    assert codes == [202, 202, 202, 202, 409]


async def test_what_befalls_the_pools_is_over_with_the_simulation(api: Served) -> None:
    body = {
        "scenario": "regional-failure",
        "params": {"region": "eu", "start": 10.0, "lasts": 1e6, **NO_POOLS},
        "speed": 2.0,
    }
    before = time.time()
    started = await api.post("/simulate", body)

    async def is_known() -> bool:
        return bool(await load_disruptions(api.services.pool, time.time()))

    await eventually(is_known)
    (one,) = await load_disruptions(api.services.pool, time.time())
    assert isinstance(one, Disruption)
    assert one.worker is not None
    assert (one.region, one.worker.kind) == ("eu", "unreachable")
    assert before + 5 <= one.start <= time.time() + 5
    assert one.end - one.start == pytest.approx(5e5)
    await api.http.delete(started.headers["location"])
    await ended(api, started)
    assert not await is_known()


async def test_one_whose_process_ended_is_interrupted(ready_database: str, redis_url: str) -> None:
    async with serve(ready_database, redis_url) as first:
        started = await first.post("/simulate", steady(params={"rate": 50.0}, max_seconds=600.0))

        async def has_begun() -> bool:
            return await first.stored() > 0

        await eventually(has_begun)
    async with serve(ready_database, redis_url) as second:
        found = await ended(second, started)
        assert (found["state"], found["detail"]) == (
            "interrupted",
            "the API process that ran it was stopped",
        )
        assert await second.stored() == found["submitted"] > 0


async def test_one_that_is_not_heard_of_is_interrupted(api: Served) -> None:
    key, long_ago = api.services.ids.one(time.time()), time.time() - 60
    pool = api.services.pool
    await add_simulation(pool, key, steady(), "operator", long_ago, 4)
    found = await get_simulation(pool, key, time.time())
    assert found is not None
    assert found.state is SimulationState.INTERRUPTED
    assert (
        await add_simulation(pool, api.services.ids.one(0.0), {}, "x", time.time(), 1)
    ) is not None


async def test_a_scenario_that_breaks_ends_its_own_simulation_alone(api: Served) -> None:
    registry = registry_of({"acme": wayward_traffic})
    object.__setattr__(api.services, "registry", registry)
    found = await ended(api, await api.post("/simulate", {"scenario": "broken"}))
    assert found["state"] == "failed"
    assert "'broken'" in found["detail"] and "RuntimeError: it broke" in found["detail"]
    found = await ended(api, await api.post("/simulate", {"scenario": "leaving"}))
    assert found["state"] == "failed"
    assert found["detail"].startswith("TRX-P132: the scenario 'leaving'")
    started = await api.post("/simulate", {"scenario": "endless", "max_seconds": 1.0})
    with anyio.fail_after(10):
        assert (await ended(api, started))["state"] == "finished"


async def test_scenarios_are_listed_with_their_parameters(api: Served) -> None:
    items = {one["name"]: one for one in (await api.get("/scenarios")).json()["items"]}
    bursts = {one["name"]: one for one in items["bursts"]["parameters"]}
    assert bursts["quiet_seconds"]["unit"] == "s"
    assert "thundering-retry" in items


async def test_a_scenario_that_cannot_be_described_is_listed_as_broken(api: Served) -> None:
    registry = registry_of({"acme": wayward_traffic})
    object.__setattr__(api.services, "registry", registry)
    answered = await api.get("/scenarios")
    assert answered.status_code == 200
    items = {one["name"]: one for one in answered.json()["items"]}
    assert items["endless"]["parameters"] == []
    assert items["unset"]["parameters"] is None
    told = "TRX-P114: the parameters of 'unset' cannot be told: KeyError: 'WAYWARD_TRAFFIC_KEY'."
    assert items["unset"]["note"].startswith(told)


async def test_a_scenario_that_cannot_be_made_is_a_problem_that_names_it(api: Served) -> None:
    registry = registry_of({"acme": wayward_traffic})
    object.__setattr__(api.services, "registry", registry)
    refused = await api.post("/simulate", {"scenario": "unset"})
    assert refused.status_code == 500
    assert refused.json()["code"] == "TRX-P111"
    assert "'unset'" in refused.json()["detail"] and "KeyError" in refused.json()["detail"]
