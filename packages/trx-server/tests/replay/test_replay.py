"""Traffic through a real service, to the end of its last task."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest
from gate import behind_gate
from rich.console import Console

from trx_core.errors import AdapterError
from trx_core.fleets import default_fleet
from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_core.traffic import Faults, admitted
from trx_server.client import Client, NotAccepted
from trx_server.embedded import EmbeddedServers
from trx_server.replay import ReplayResult, run_replay, show
from trx_server.service import RunningService

from .service import client_of, free_port, service_on

STATS_AGE = 1.2
"""Seconds: the API's numbers may be one second old."""


def traffic(count: int, every: float = 0.01, **fields: object) -> Iterable[Arrival]:
    for number in range(count):
        request = TaskRequest.model_validate({"type": "web", "cost": 0.5, **fields})
        yield Arrival(number * every, request, number + 2)


def shown(result: ReplayResult) -> str:
    out = io.StringIO()
    show(result, "a replay", Console(file=out, width=100))
    return out.getvalue()


async def test_every_task_is_accounted_for(client: Client) -> None:
    before = await client.stats()
    result = await run_replay(client, traffic(300), speed=5.0)
    await anyio.sleep(STATS_AGE)
    after = await client.stats()
    assert result.ok
    assert (result.accepted, result.open_count, result.uncertain) == (300, 0, 0)
    summary = result.summary
    assert (summary.accepted, summary.open) == (300, 0)
    assert summary.completed + summary.failed == 300
    for status, count in (("completed", summary.completed), ("failed", summary.failed)):
        assert after["tasks"][status] - before["tasks"][status] == count
    assert sum(pool.tasks for pool in summary.pools) == 300
    assert {pool.name: pool.capacity for pool in summary.pools} == await client.capacities()
    assert summary.algorithms == {"greedy": 300}
    assert summary.span >= 300 * 0.01 / 5 * 0.9
    assert "300" in shown(result)


async def test_a_second_replay_counts_its_own_tasks_alone(client: Client) -> None:
    result = await run_replay(client, traffic(2500), speed=math.inf, limit=1234)
    assert result.ok
    assert result.accepted == result.summary.accepted == 1234
    assert result.late == 0.0


async def test_rows_that_cannot_be_used_are_named_and_the_rest_is_replayed(client: Client) -> None:
    strange = [Arrival(0.3, TaskRequest(type="web", region="atlantis"), 77)] * 7
    rows: list[Arrival | BadRow] = [
        *traffic(30),
        BadRow(55, "cost: not a number"),
        *strange,
        *traffic(20),
    ]
    result = await run_replay(client, rows, speed=math.inf)
    assert not result.ok, "7 tasks were not accepted"
    assert result.accepted == 50
    assert (result.malformed, result.refused) == (1, 7)
    text = shown(result)
    assert "could not be read: 1 (line 55: cost: not a number)" in text
    assert "were refused: 7 (7 from line 77: region: no pool stands in 'atlantis'" in text
    assert text.count("atlantis") == 1
    listed = result.to_dict()
    assert listed["malformed_listed"] == [{"line": 55, "reason": "cost: not a number"}]
    assert [row["line"] for row in listed["refused_listed"]] == [77] * 7


async def test_rows_that_cannot_be_read_alone_are_no_failure(client: Client) -> None:
    result = await run_replay(client, [*traffic(5), BadRow(55, "torn")], speed=math.inf)
    assert result.ok
    assert (result.accepted, result.malformed) == (5, 1)


async def test_one_trace_is_judged_alike_by_the_service_and_by_the_lab(client: Client) -> None:
    asked = [("atlantis", None, 1), (None, "tpu", 1), ("atlantis", "tpu", 9_000), (None, None, 999)]
    rows = [
        Arrival(0.0, TaskRequest(type="web", region=region, resource_type=kind, slots=slots), line)
        for line, (region, kind, slots) in enumerate(asked * 40, start=2)
    ]
    result = await run_replay(client, [*traffic(2), *rows], speed=math.inf)
    refused = Faults()
    assert list(admitted(rows, default_fleet(), refused)) == []
    assert (result.refused, sorted(result.refused_first)) == (refused.count, sorted(refused.first))


async def test_a_batch_that_is_too_large_is_cut_down(client: Client) -> None:
    filler = {"text": "x" * 15_000}
    result = await run_replay(client, traffic(900, metadata=filler), speed=math.inf)
    assert result.ok
    assert (result.accepted, result.refused) == (900, 0)


async def test_traffic_without_a_usable_row_is_no_success(client: Client) -> None:
    result = await run_replay(client, [BadRow(2, "empty")])
    assert not result.ok
    assert "No task was accepted." in shown(result)


async def test_progress_is_shown_where_there_is_no_terminal(client: Client) -> None:
    out = io.StringIO()
    await run_replay(client, traffic(2, every=7.0), console=Console(file=out, width=100))
    assert "accepted" in out.getvalue()
    assert "tasks/s" in out.getvalue()


async def test_a_killed_runner_costs_no_task(servers: EmbeddedServers, redis_server: str) -> None:
    async with (
        service_on(servers, redis_server, time_scale=2.0) as service,
        client_of(service) as client,
        anyio.create_task_group() as tasks,
    ):

        async def kill_a_runner() -> None:
            while (await client.stats())["tasks"]["processing"] < 20:
                await anyio.sleep(0.01)
            await anyio.run_process(["kill", "-9", str(service.supervisor.pids()["runner-1"])])

        tasks.start_soon(kill_a_runner)
        result = await run_replay(client, traffic(400, cost=20.0))
    assert result.ok
    assert result.summary.completed + result.summary.failed == 400
    assert result.summary.recoveries > 0


async def test_tasks_that_nobody_carries_out_are_told(
    servers: EmbeddedServers, redis_server: str
) -> None:
    async with (
        service_on(servers, redis_server, runners=0) as service,
        client_of(service) as client,
    ):
        result = await run_replay(client, traffic(10), idle_limit=1.0)
    assert not result.ok
    assert (result.accepted, result.open_count, result.summary.open) == (10, 10, 10)
    assert "10 accepted tasks have not ended (none ended for 1 s)" in shown(result)


async def test_a_killed_api_leaves_no_task_unaccounted_for(
    servers: EmbeddedServers, redis_server: str
) -> None:
    async with (
        service_on(servers, redis_server) as service,
        client_of(service) as client,
        anyio.create_task_group() as tasks,
    ):

        async def kill_the_api() -> None:
            while not (await client.stats())["tasks"]["completed"]:
                await anyio.sleep(0.01)
            await anyio.run_process(["kill", "-9", str(service.supervisor.pids()["api"])])

        tasks.start_soon(kill_the_api)
        result = await run_replay(client, traffic(400))
    assert result.open_count == 0
    assert result.accepted + result.uncertain == 400
    assert result.ok == (result.uncertain == 0)


async def test_a_database_that_is_away_when_it_begins_is_waited_for(
    servers: EmbeddedServers, redis_server: str
) -> None:
    with TemporaryDirectory(prefix="trx-") as folder:
        async with (
            behind_gate(servers.postgres.url("postgres"), Path(folder)) as (url, way),
            service_on(servers, redis_server, through=url) as service,
            client_of(service) as client,
            anyio.create_task_group() as tasks,
        ):
            await way.shut()
            with pytest.raises(NotAccepted, match="TRX-A405"):
                await client.login()

            async def come_back() -> None:
                await anyio.sleep(1.0)
                await way.open()

            tasks.start_soon(come_back)
            result = await run_replay(client, traffic(20))
    assert result.ok
    assert result.accepted == 20


async def test_a_server_that_is_not_there_is_one_clear_error(service: RunningService) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with Client(url, "admin", service.admin_password or "") as client:
        with pytest.raises(AdapterError, match=f"TRX-A401: nothing answers at {url}"):
            await run_replay(client, traffic(10))
