"""What the API tells: lists and their pages, pools, statistics, health, metrics, documentation."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from prometheus_client.parser import text_string_to_metric_families

from .harness import API, FLEET, Served, eventually


async def pages(api: Served, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    found, cursor = [], None
    while True:
        page = (await api.get(path, **query, **({"cursor": cursor} if cursor else {}))).json()
        found.append(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_lists_come_in_pages_without_gaps_or_repeats(api: Served) -> None:
    ids = (await api.post("/tasks/batch", [{"type": "t"}] * 25)).json()["ids"]
    found = await pages(api, "/tasks", limit=10)
    assert [len(page) for page in found] == [10, 10, 5]
    assert [task["id"] for page in found for task in page] == ids[::-1]
    log = await pages(api, "/logs", limit=10)
    assert {entry["task_id"] for page in log for entry in page} == set(ids)
    assert sum(map(len, log)) == 25


async def test_lists_can_be_filtered(api: Served) -> None:
    rows = [
        {"type": "a", "priority": 3, "region": "eu"},
        {"type": "a", "priority": 8, "region": "us"},
        {"type": "b", "priority": 3},
    ]
    ids = (await api.post("/tasks/batch", rows)).json()["ids"]
    await api.http.delete(f"{API}/tasks/{ids[0]}")
    [first] = (await api.get("/tasks", status="cancelled")).json()["items"]
    assert first["id"] == ids[0]
    for query, expected in (
        ({"type": "a"}, ids[:2]),
        ({"type": "a", "priority": 8}, ids[1:2]),
        ({"region": "eu"}, ids[:1]),
        ({"status": "queued"}, ids[1:]),
        ({"since": "2000-01-01T00:00:00Z"}, ids),
        ({"since": first["enqueued_at"]}, ids),
        ({"until": "2000-01-01T00:00:00+01:00"}, []),
    ):
        found = [task["id"] for task in (await api.get("/tasks", **query)).json()["items"]]
        assert found == expected[::-1], query
    log = (await api.get("/logs", task_id=ids[0])).json()["items"]
    assert [entry["event_type"] for entry in log] == ["enqueued", "cancelled"]
    log = (await api.get("/logs", event_type="cancelled")).json()["items"]
    assert [entry["task_id"] for entry in log] == [ids[0]]


async def test_pools_are_told_with_their_load(api: Served) -> None:
    await api.services.pool.execute("UPDATE worker_pool SET current_load = 3 WHERE name='cpu-eu'")
    pools = (await api.get("/workers")).json()["items"]
    loads = [(pool["name"], pool["current_load"]) for pool in pools]
    assert loads == [("cpu-eu", 3), ("gpu-us", 0)]
    assert [pool["id"] for pool in pools] == [str(pool.id) for pool in FLEET.pools]


async def test_statistics(api: Served) -> None:
    await api.post("/tasks/batch", [{"type": "t"}] * 7)

    async def counted() -> bool:
        stats = (await api.get("/system/stats")).json()
        return bool(stats["queue"]["lag"] == 7 and stats["unpublished"] == 0)

    await eventually(counted)
    stats = (await api.get("/system/stats")).json()
    assert stats["tasks"]["queued"] == 7
    assert stats["last_minute"]["enqueued"] == 7
    assert stats["runners"] == 0


async def test_health(api: Served) -> None:
    health = (await api.get("/health")).json()
    assert health["status"] == "ok"
    assert {one["status"] for one in health["dependencies"].values()} == {"ok"}


async def test_switching_the_algorithm_is_kept(api: Served) -> None:
    answer = (await api.post("/algorithms/switch", {"name": "fifo"})).json()
    assert (answer["old"]["name"], answer["new"]["name"]) == ("greedy", "fifo")
    answer = (await api.post("/algorithms/switch", {"name": "greedy"})).json()
    assert (answer["old"]["name"], answer["new"]["name"]) == ("fifo", "greedy")


async def test_metrics_are_what_prometheus_reads(api: Served) -> None:
    await api.post("/tasks/batch", [{"type": "t"}] * 5)
    task = (await api.post("/tasks", {"type": "t"})).json()["id"]
    await api.get(f"/tasks/{task}")
    await api.get("/tasks/nonsense")
    await api.get("/no/such/route")
    text = (await api.get("/metrics")).text
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples[("trx_tasks_accepted_total",)] == 6
    assert samples["trx_tasks", ("status", "queued")] == 6
    assert samples["trx_queue_depth", ("state", "pending")] == 0
    assert samples["trx_dependency_up", ("dependency", "redis")] == 1
    pool = (("pool", "cpu-eu"), ("region", "eu"), ("resource_type", "cpu"))
    assert samples["trx_pool_capacity", *pool] == 4
    assert samples[("trx_runners",)] == 0

    def requests(route: str, status: str) -> float:
        labels = (("method", "GET"), ("route", route), ("status", status))
        return samples["trx_http_requests_total", *labels]

    assert requests(f"{API}/tasks/{{task_id}}", "200") == 1
    assert requests(f"{API}/tasks/{{task_id}}", "422") == 1
    assert requests("unmatched", "404") == 1
    assert task not in text


async def test_the_documentation_needs_no_other_host(api: Served) -> None:
    page = (await api.get("/docs")).text
    named = re.findall(r"""(?:src=|href=|url: )["']([^"']+)""", page)
    assert len(named) == 4
    assert "//" not in page
    kinds = []
    for url in named:
        response = await api.http.get(urljoin(f"{API}/docs", url))
        assert response.status_code == 200, url
        kinds.append(response.headers["content-type"].partition(";")[0])
    assert sorted(kinds) == ["application/json", "image/png", "text/css", "text/javascript"]
    assert '"validatorUrl": null' in page


async def test_the_documentation_knows_every_route(api: Served) -> None:
    document = (await api.get("/openapi.json")).json()
    assert set(document["paths"]) == {
        API + path
        for path in (
            "/algorithms/switch",
            "/auth/me",
            "/auth/token",
            "/health",
            "/logs",
            "/metrics",
            "/scenarios",
            "/simulate",
            "/simulate/{simulation_id}",
            "/system/stats",
            "/tasks",
            "/tasks/batch",
            "/tasks/{task_id}",
            "/workers",
            "/workers/{name}",
        )
    }
    submit = document["paths"][API + "/tasks"]["post"]
    assert submit["security"]
    assert "security" not in document["paths"][API + "/health"]["get"]
    body = submit["requestBody"]["content"]
    assert "priority" in body["application/json"]["schema"]["properties"]


async def test_a_request_keeps_its_id(api: Served) -> None:
    for given, kept in (("abc-1", True), ("with spaces", False), ("x" * 65, False)):
        response = await api.http.get(API + "/health", headers={"X-Request-ID": given})
        assert (response.headers["x-request-id"] == given) is kept
