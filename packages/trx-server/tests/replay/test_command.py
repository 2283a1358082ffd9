"""``trx replay`` as a stranger runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import anyio
import pytest

from trx_server.service import RunningService

from .service import free_port

TRACE = """at,type,priority,cost,region
0.0,web,5,1.0,eu-west
0.1,web,11,1.0,eu-west
0.2,web,5,cheap,eu-west
0.3,web,5,1.0,atlantis
0.4,report,8,2.0,
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


async def trx(*arguments: str, password: str | None = "wrong", cwd: Path | None = None) -> Ran:
    environment = {name: value for name, value in os.environ.items() if name != "TRX_PASSWORD"}
    if password is not None:
        environment["TRX_PASSWORD"] = password
    done = await anyio.run_process(
        [sys.executable, "-m", "trx_core.cli", "replay", *arguments],
        check=False,
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    path.write_text(TRACE)
    return path


async def test_a_trace_is_replayed_and_its_bad_rows_are_named(
    service: RunningService, trace: Path
) -> None:
    access = ("--url", service.url, "--trace", str(trace), "--speed", "10")
    ran = await trx(*access, password=service.admin_password)
    assert ran.code == 1, ran.err
    assert "trace.csv, 10 times as fast" in ran.out
    for line in ("line 3: priority", "line 4: cost", "line 5: region: no pool stands in"):
        assert line in " ".join(ran.out.split()), line
    ran = await trx(*access, "--json", password=service.admin_password)
    told = json.loads(ran.out)
    assert (told["ok"], told["accepted"]) == (False, 2)
    assert (told["malformed_rows"], told["refused_rows"]) == (2, 1)
    assert told["summary"]["tasks"]["accepted"] == 2


async def test_a_scenario_is_replayed(service: RunningService) -> None:
    ran = await trx(
        *("--url", service.url, "--scenario", "steady", "-p", "rate=100", "--limit", "50"),
        password=service.admin_password,
    )
    assert ran.code == 0, ran.err
    assert "steady, seed 0" in ran.out


async def test_a_wrong_password_is_one_line(service: RunningService, trace: Path) -> None:
    ran = await trx("--url", service.url, "--trace", str(trace))
    assert ran.code == 1
    assert ran.err.startswith("TRX-A404: ")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "start"),
    [
        (["--trace", "trace.csv"], 1, "TRX-A401: nothing answers at"),
        (["--trace", "trace.csv", "--url", "nowhere"], 1, "TRX-A402: 'nowhere'"),
        (["--trace", "none.csv"], 2, "TRX-C"),
        (["--trace", "trace.csv", "--scenario", "steady"], 2, "TRX-C140: "),
        ([], 2, "TRX-C140: "),
        (["--trace", "trace.csv", "--speed", "0"], 2, "TRX-C401: "),
        (["--scenario", "no-such"], 2, "TRX-C"),
    ],
)
async def test_what_cannot_be_done_is_one_line(
    arguments: list[str], code: int, start: str, trace: Path
) -> None:
    if "--url" not in arguments:
        arguments = [*arguments, "--url", f"http://127.0.0.1:{free_port()}"]
    ran = await trx(*arguments, cwd=trace.parent)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(start)
    assert ran.err.count("\n") == 1


async def test_a_password_that_nobody_can_give_is_one_line(trace: Path) -> None:
    ran = await trx("--trace", str(trace), password=None)
    assert ran.code == 2
    assert ran.err.startswith("TRX-C403: ")
    assert "TRX_PASSWORD" in ran.err
