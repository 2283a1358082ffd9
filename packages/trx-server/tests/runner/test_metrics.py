"""What Prometheus learns from a runner."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import anyio
import pytest
from live_site import TRX_RUNNER, Site, environment, until
from scraping import free_port, scrape

from trx_server.service.processes import METRICS_PORT, runner_spec

WAYWARD = (sys.executable, str(Path(__file__).parent / "programs/wayward_runner.py"))
WHO = {"distribution": ""}
DECIDED = "trx_runner_tasks_decided_total"


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"trx_runner_{name}", frozenset(labels.items())


@pytest.mark.parametrize(
    ("algorithm", "reason"),
    [("raising", "raised"), ("sluggish", "overran"), ("overfilling", "broke_contract")],
)
async def test_failures_of_a_plugin_are_counted_by_reason(
    algorithm: str, reason: str, site: Site
) -> None:
    port = free_port()
    tasks = await site.accept(80)
    changes = {"algorithm": algorithm, "decision_budget": 0.05, "metrics_port": port}
    async with site.process(program=WAYWARD, **changes):
        await site.audit(tasks)

        async def all_are_counted() -> bool:
            found = await scrape(port)
            placed = [value for (name, _), value in found.items() if name == DECIDED]
            return sum(placed) == len(tasks)

        await until(all_are_counted)
        found = await scrape(port)
    who = {"algorithm": algorithm, **WHO}
    assert found[key("fallbacks_total", **who, reason=reason)] >= 1
    assert found[key("rounds_total", **who)] >= found[key("fallbacks_total", **who, reason=reason)]
    assert found[key("round_tasks_count", **who)] == found[key("rounds_total", **who)]
    assert found[key("tasks_decided_total", algorithm="fallback-fifo")] >= 1
    answered = found.get(key("decision_seconds_count", **who), 0.0)
    assert answered >= 1 or reason == "overran"
    states = {
        state: found[key("algorithm_breaker", **who, state=state)]
        for state in ("closed", "half_open", "open")
    }
    assert sum(states.values()) == 1
    left_alone = found.get(key("fallbacks_total", **who, reason="left_alone"), 0.0)
    assert states["open"] or not left_alone


async def test_an_algorithm_that_keeps_failing_is_seen_to_be_left_alone(site: Site) -> None:
    port = free_port()
    tasks = [task for _ in range(12) for task in await site.accept(10)]
    changes = {"algorithm": "raising", "metrics_port": port, "window": 4}
    async with site.process(program=WAYWARD, **changes):
        await site.audit(tasks)
        found = await scrape(port)
    who = {"algorithm": "raising", **WHO}
    assert found[key("fallbacks_total", **who, reason="raised")] == 5
    assert found[key("fallbacks_total", **who, reason="left_alone")] >= 1
    assert found[key("algorithm_breaker", **who, state="open")] == 1


async def test_a_runner_whose_port_is_taken_says_so(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = site.settings.model_copy(update={"metrics_port": int(listener.getsockname()[1])})
        done = await anyio.run_process(TRX_RUNNER, env=environment(settings), check=False)
    said = done.stderr.decode()
    assert done.returncode != 0
    assert "TRX-O105: port" in said and "--metrics-port" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("first", "ports"), [(9101, ["9101", "9102"]), (0, ["0", "0"]), (None, [None, None])]
)
def test_runners_of_one_machine_get_ports_of_their_own(
    first: int | None, ports: list[str | None]
) -> None:
    inherited = {METRICS_PORT: "9500"}
    specs = [runner_spec(inherited, number, None, first) for number in (1, 2)]
    assert [(spec.env or {}).get(METRICS_PORT) for spec in specs] == ports
