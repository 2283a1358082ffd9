"""``trx up`` as an operator runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import anyio
import pytest

from trx_core.models import TaskRequest
from trx_server.client import Client
from trx_server.embedded import EmbeddedServers

from .programs import Program, running

PLAIN = ("--no-dashboard", "--port", "0", "--runners", "1")
WITHOUT_TRX = {"PATH": "/usr/bin:/bin"}
SECRET = "a secret of at least thirty-two bytes"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trx-data-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder / "data"


def _url(up: Program) -> str:
    return up.until(r"API +(http://\S+)/api/v1 ")[1]


def _password(up: Program) -> str:
    return up.until(r"admin, password (\S+)")[1]


async def _submitted(url: str, password: str) -> str:
    async with Client(url, "admin", password) as client:
        [task] = await client.submit([TaskRequest(type="web", cost=0.1)])
        with anyio.fail_after(60):
            while not (await client.task(task)).status.ended:
                await anyio.sleep(0.05)
        return str((await client.task(task)).id)


async def _ids(url: str, password: str) -> list[str]:
    async with Client(url, "admin", password) as client:
        return [str(task.id) for task in (await client.tasks()).items]


def test_it_keeps_its_data_over_a_restart_and_stops_cleanly(data_dir: Path) -> None:
    with running("up", "--data-dir", str(data_dir), *PLAIN, **WITHOUT_TRX) as up:
        url, password = _url(up), _password(up)
        up.until("Ctrl-C stops it")
        task = anyio.run(_submitted, url, password)
        password = _new_password(up)
        with running("up", "--data-dir", str(data_dir), *PLAIN) as other:
            assert other.end() == 1
            last = other.said().splitlines()[-1]
            assert last.startswith("TRX-O203: ") and str(up.process.pid) in last
            assert last.endswith("name another folder with --data-dir or TRX_DATA_DIR.")
            assert "Traceback" not in other.said()
        taken = url.rpartition(":")[2]
        with running("up", "--data-dir", f"{data_dir}-2", "--port", taken) as other:
            assert other.end() == 1
            assert other.said().startswith(f"TRX-O105: port {taken} ")
            assert other.said().count("\n") == 1
        up.send(signal.SIGINT)
        assert up.end() == 0, up.said()
        assert up.said().endswith("stopped\n")
    with running("up", "--data-dir", str(data_dir), *PLAIN) as up:
        url = _url(up)
        up.until("Ctrl-C stops it")
        assert password not in up.said() and "password of the first start" in up.said()
        assert anyio.run(_ids, url, password) == [task]
        up.process.send_signal(signal.SIGTERM)
        assert up.end() == 0, up.said()


def _new_password(up: Program) -> str:
    """What the command that it names for that makes, where ``trx`` is not on the path."""
    command = up.until(r"\n +(\S.* db reset-password admin .*)")[1]
    made = subprocess.run(
        command,
        shell=True,
        env=WITHOUT_TRX,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def test_without_a_dashboard_it_says_what_to_install(data_dir: Path) -> None:
    given = ("up", "--data-dir", str(data_dir), "--dashboard")
    with running(*given, TRX_PLUGINS_BLOCK="dashboard") as up:
        assert up.end() == 1
        assert up.said().startswith("TRX-O109: the dashboard is not installed")
        assert "pip install trx-dashboard" in up.said()


def test_with_servers_of_ones_own_it_starts_none(migrated: str, redis_url: str) -> None:
    given = {
        "TRX_DATABASE_URL": migrated,
        "TRX_REDIS_URL": redis_url,
        "TRX_JWT_SECRET": SECRET,
        "TRX_NAMESPACE": "up",
        "TRX_LOG_LEVEL": "WARNING",
    }
    with running("up", *PLAIN, **given) as up:
        url, password = _url(up), _password(up)
        up.until("Ctrl-C stops it")
        anyio.run(_submitted, url, password)
        programs = {Path(process.exe()).name for process in up.processes()}
        assert not any("postgres" in name or "valkey" in name for name in programs)
        up.send(signal.SIGINT)
        assert up.end() == 0, up.said()


def test_what_an_operator_must_mend_is_one_sentence(
    servers: EmbeddedServers, tmp_path: Path
) -> None:
    both = {
        "TRX_DATABASE_URL": servers.postgres.url("postgres"),
        "TRX_REDIS_URL": servers.redis_url,
        "TRX_JWT_SECRET": SECRET,
    }
    nowhere = f"unix://{tmp_path}/none.sock"
    with socket.create_server(("127.0.0.1", 0)) as silent, ExitStack() as started:
        mute = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        cases = [
            ({"TRX_REDIS_URL": ""}, "TRX-O107"),
            ({"TRX_DATABASE_URL": ""}, "TRX-O107"),
            ({"TRX_JWT_SECRET": ""}, "TRX-O103"),
            ({"TRX_DATABASE_URL": "mysql://x/y"}, "TRX-O101"),
            ({"TRX_DATABASE_URL": f"postgresql://u@/d?host={tmp_path}"}, "TRX-A301"),
            ({"TRX_DATABASE_URL": servers.postgres.url("no-such")}, "TRX-O302"),
            ({"TRX_REDIS_URL": nowhere}, "TRX-A201"),
            ({"TRX_REDIS_URL": mute}, "TRX-A201"),
            ({"TRX_ALGORITHM": "no-such"}, "TRX-C120"),
        ]
        programs = [
            started.enter_context(running("up", *PLAIN, **(both | changes))) for changes, _ in cases
        ]
        for up, (changes, code) in zip(programs, cases, strict=True):
            assert up.end() != 0, (changes, up.said())
            said = up.said()
            assert said.splitlines()[-1].startswith(code), (changes, said)
            assert "Traceback" not in said, (changes, said)


def test_a_data_directory_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with running("up", "--data-dir", str(file / "data"), *PLAIN) as up:
        assert up.end() == 1
        assert up.said().splitlines()[-1].startswith("TRX-O202: ")
        assert "Traceback" not in up.said()


def test_a_fleet_file_replaces_the_stored_fleet(
    migrated: str, redis_url: str, tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(
        "pools: [{name: only, region: eu, resource_type: cpu, cost_per_unit: 1, capacity: 2,"
        " worker: {kind: lognormal, params: {mean: 0.01, success_rate: 1}}}]"
    )
    given = {
        "TRX_DATABASE_URL": migrated,
        "TRX_REDIS_URL": redis_url,
        "TRX_JWT_SECRET": SECRET,
        "TRX_NAMESPACE": f"up-{os.getpid()}",
    }
    with running("up", "--pools", str(fleet), *PLAIN, **given) as up:
        url, password = _url(up), _password(up)
        up.until("Ctrl-C stops it")
        assert anyio.run(_capacities, url, password) == {"only": 2}
        anyio.run(_submitted, url, password)
        assert re.search("https?://", url)


async def _capacities(url: str, password: str) -> dict[str, int]:
    async with Client(url, "admin", password) as client:
        return await client.capacities()


@pytest.mark.parametrize("port", ["99999", "65536"])
def test_a_port_of_the_dashboard_that_is_none_is_refused(port: str, data_dir: Path) -> None:
    with running("up", "--data-dir", str(data_dir), "--dashboard-port", port) as up:
        assert up.end() == 2
        assert "--dashboard-port" in up.said() and "65535" in up.said()
        assert not data_dir.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--port", "99999"), "--port: Input should be less than or equal to 65535"),
        (("--dashboard-port", "{taken}", "--port", "0"), "--dashboard-port"),
    ],
)
def test_advice_names_the_option_at_fault(
    options: tuple[str, ...], said: str, data_dir: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        given = [option.format(taken=taken) for option in options]
        with running("up", "--data-dir", str(data_dir), "--dashboard", *given) as up:
            assert up.end() == 1
            assert said in up.said() and "TRX_PORT" not in up.said()
