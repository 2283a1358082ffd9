"""``trx logs`` against the real API, and ``trx fit`` on what it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
from anyio import to_thread

from trx_core.models import TaskRequest
from trx_server.client import Client
from trx_server.service import RunningService


def trx(service: RunningService, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    password = service.admin_password
    assert password is not None
    return subprocess.run(
        [sys.executable, "-m", "trx_core.cli", *args],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TRX_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )


async def run(service: RunningService, folder: Path, *args: str) -> str:
    done = await to_thread.run_sync(lambda: trx(service, folder, *args))
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_log_is_written_row_by_row_and_can_be_fitted(
    service: RunningService, client: Client, tmp_path: Path
) -> None:
    ids = await client.submit([TaskRequest(type="web", cost=1.0) for _ in range(300)])
    with anyio.fail_after(60):
        while not (await client.task(ids[-1])).status.ended or await waiting(client):
            await anyio.sleep(0.1)
    address = ("--url", service.url)
    printed = await run(service, tmp_path, "logs", *address)
    rows = [json.loads(line) for line in printed.splitlines()]
    assert {str(one) for one in ids} <= {row["task_id"] for row in rows}
    assert all({"id", "timestamp", "event_type", "details"} <= row.keys() for row in rows)
    await run(service, tmp_path, "logs", *address, "--out", "history.jsonl")
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) >= len(rows)
    none = await run(service, tmp_path, "logs", *address, "--until", "2020-01-01")
    assert none == ""
    found = json.loads(await run(service, tmp_path, "fit", "history.jsonl", "--json"))
    assert found["attempts"] >= 300
    assert found["malformed_rows"] == 0


async def waiting(client: Client) -> int:
    tasks = (await client.stats())["tasks"]
    return int(tasks["queued"]) + int(tasks["processing"])


async def test_a_file_that_cannot_be_written_is_told(
    service: RunningService, tmp_path: Path
) -> None:
    done = await to_thread.run_sync(
        lambda: trx(service, tmp_path, "logs", "--url", service.url, "--out", "no/such")
    )
    assert done.returncode == 2
    assert done.stderr.startswith("TRX-C404: 'no/such' cannot be written")
