"""Metric collectors of a runner."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from live_site import TRX_RUNNER, Site, until
from scraping import free_port, scrape

WAYWARD = (sys.executable, str(Path(__file__).parent / "programs/wayward_runner.py"))


async def test_collectors_are_told_what_the_log_tells(site: Site, tmp_path: Path) -> None:
    port, file = free_port(), tmp_path / "log.jsonl"
    tasks = [*await site.accept(40), *await site.accept(20, type="unsteady")]
    chosen = ("prometheus", f"jsonl:path={file},append=true")
    async with site.process(program=TRX_RUNNER, collectors=chosen, metrics_port=port):
        histories = await site.audit(tasks)
        log = [entry for history in histories.values() for entry in history]
        told = Counter((str(entry.task_id), entry.event_type.value) for entry in log)

        async def all_is_told() -> bool:
            return len(file.read_text().splitlines()) == told.total()

        await until(all_is_told)
        found = await scrape(port)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert Counter((row["task_id"], row["event_type"]) for row in rows) == told
    ends = {(str(e.task_id), e.details.get("attempt"), e.event_type.value): e.details for e in log}
    for row in rows:
        key = (row["task_id"], row["details"].get("attempt"), row["event_type"])
        assert row["details"].keys() == ends[key].keys()
    by_pool = Counter(e.details["pool"] for e in log if e.event_type == "dispatched")
    for pool, count in by_pool.items():
        labels = frozenset({("pool", pool)})
        assert found["trx_task_attempts_started_total", labels] == count
    waits = [value for (name, _), value in found.items() if name == "trx_task_wait_seconds_count"]
    assert sum(waits) == len(tasks)
    taken = {
        dict(labels)["collector"]: value
        for (name, labels), value in found.items()
        if name == "trx_runner_collector_entries_total"
    }
    assert taken == {"jsonl": told.total(), "prometheus": told.total()}


async def test_collectors_that_fail_stop_no_runner(site: Site) -> None:
    port = free_port()
    chosen = ("raising-collector", "stuck-collector", "unmade-collector", "exiting-collector")
    async with site.process(program=WAYWARD, collectors=chosen, metrics_port=port) as process:
        for _ in range(4):
            await site.accept(20)
            await site.ended()
        found = await scrape(port)
        process.terminate()

        async def has_ended() -> bool:
            return process.poll() is not None

        await until(has_ended)
        assert process.returncode == 0
    lost = {
        (dict(labels)["collector"], dict(labels)["reason"]): value
        for (name, labels), value in found.items()
        if name == "trx_runner_collector_lost_total"
    }
    assert lost["raising-collector", "raised"] >= 20
    assert lost["exiting-collector", "raised"] >= 20
    assert not any(name == "unmade-collector" for name, _ in lost)
    assert lost["raising-collector", "left_alone"] >= 1
