"""Every script in examples/ runs, as its docstring says that it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fresh import ROOT

from trx_core.fleets import default_fleet
from trx_core.models import STATUS_AFTER, TaskStatus
from trx_server.client import Client
from trx_server.service import RunningService, ServiceOptions, running_service
from trx_server.settings import Settings

EXAMPLES = ROOT / "examples"


def run(script: str, *arguments: str, **more: str) -> str:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("TRX_")}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / script), *arguments],
        env=plain | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_script_is_run_here() -> None:
    source = Path(__file__).read_text()
    assert all(f'"{script.name}"' in source for script in EXAMPLES.glob("*.py"))


def test_five_line_algorithm() -> None:
    *placed, verdict = run("five_line_algorithm.py").splitlines()
    assert len(placed) == 10
    assert verdict == "keeps its contract"


def test_compare_in_the_lab() -> None:
    header, *rows = run("compare_in_the_lab.py").splitlines()
    assert header.startswith("algorithm")
    cost = {name: float(cost) for name, _, cost, *_ in (row.split() for row in rows)}
    assert list(cost) == ["fifo", "greedy", "near-and-cheap"]
    assert cost["near-and-cheap"] < cost["fifo"]


async def test_submit_and_watch() -> None:
    async with service() as running:
        assert running.admin_password is not None
        told = run("submit_and_watch.py", running.url, TRX_PASSWORD=running.admin_password)
        await check_statuses(running)
    first, *_ = told.splitlines()
    assert first == "submitted 30 tasks"
    for event in ("enqueued", "dispatched"):
        assert event in told


@asynccontextmanager
async def service() -> AsyncIterator[RunningService]:
    """A service of its own, in a folder that goes with it."""
    with TemporaryDirectory(prefix="trx-test-") as folder:
        options = ServiceOptions(
            settings=Settings(data_dir=Path(folder), port=0, time_scale=5.0, log_level="WARNING"),
            runners=1,
            fleet=default_fleet(),
        )
        async with running_service(options, _ignore, _ignore) as running:
            yield running


async def check_statuses(service: RunningService) -> None:
    """The log of every task leads through the table of statuses to the status that it has."""
    assert service.admin_password is not None
    reached: dict[object, TaskStatus] = {}
    async with Client(service.url, "admin", service.admin_password) as client:
        async for page in client.log_pages(0.0):
            for entry in page:
                before = reached.get(entry.task_id)
                reached[entry.task_id] = STATUS_AFTER[before, entry.event_type]
        tasks = (await client.tasks()).items
    assert Counter(reached.values()) == Counter(task.status for task in tasks)
    assert len(tasks) == 30


def _ignore(_: object) -> None:
    """Nobody watches the processes."""
