"""``trx export``, and the trace that it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import anyio

from trx_core.models import TaskRequest
from trx_core.plugins import load_plugins
from trx_core.protocols import Arrival
from trx_core.traces import open_trace, trace_format
from trx_server.client import Client
from trx_server.service import RunningService


async def exported(service: RunningService, out: str) -> subprocess.CompletedProcess[bytes]:
    assert service.admin_password is not None
    return await anyio.run_process(
        [sys.executable, "-m", "trx_core.cli", "export", "--url", service.url, "--out", out],
        check=False,
        env={**os.environ, "TRX_PASSWORD": service.admin_password},
        stdin=subprocess.DEVNULL,
    )


async def test_a_history_is_a_trace(
    service: RunningService, client: Client, tmp_path: Path
) -> None:
    wanted = [
        TaskRequest(type="exported", cost=float(n), priority=1 + n % 10, metadata={"n": n})
        for n in range(2500)
    ]
    for start in range(0, len(wanted), 500):
        await client.submit(wanted[start : start + 500])
    path = tmp_path / "history.jsonl"
    done = await exported(service, str(path))
    assert done.returncode == 0, done.stderr
    assert b"tasks exported" in done.stderr
    readers = load_plugins().trace_readers
    assert trace_format(readers, path) == "trx-history"
    rows = [row for row in open_trace(readers, path) if isinstance(row, Arrival)]
    assert all(earlier.at <= later.at for earlier, later in pairwise(rows))
    ours = [row.request for row in rows if row.request.type == "exported"]
    assert sorted(one.metadata["n"] for one in ours) == list(range(2500))
    assert {(one.cost, one.priority) for one in ours} == {(w.cost, w.priority) for w in wanted}


async def test_a_file_that_cannot_be_written(service: RunningService, tmp_path: Path) -> None:
    done = await exported(service, str(tmp_path))
    assert done.returncode == 2
    assert b"TRX-C404" in done.stderr
