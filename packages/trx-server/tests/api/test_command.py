"""``trx api`` as a process, the settings and the log."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from trx_core.errors import OperatorError
from trx_server.listening import listening_socket
from trx_server.logging import JsonFormatter, TextFormatter
from trx_server.settings import load_settings, required_urls, unknown_variables

from .harness import API, SECRET, eventually

TRX = [sys.executable, "-m", "trx_core.cli", "api"]


def environment(**settings: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("TRX_")}
    return {**others, **settings}


async def test_it_serves_until_it_is_told_to_stop(
    ready_database: str, redis_url: str, tmp_path: Path
) -> None:
    with listening_socket("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    log = tmp_path / "api.log"
    settings = environment(
        TRX_DATABASE_URL=ready_database, TRX_REDIS_URL=redis_url, TRX_JWT_SECRET=SECRET
    )
    with log.open("wb") as output:
        process = subprocess.Popen([*TRX, "--port", str(port)], env=settings, stderr=output)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

            async def well() -> bool:
                try:
                    return (await http.get(API + "/health")).status_code == 200
                except httpx.ConnectError:
                    return False

            await eventually(well)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    access = [line for line in lines if line["logger"] == "uvicorn.access"]
    assert access[0]["path"] == API + "/health"
    assert access[0]["status"] == 200
    assert access[0]["request_id"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_on_a_database_that_does_not_answer_can_be_broken_off(
    number: signal.Signals,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = environment(
            TRX_DATABASE_URL=f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/d",
            TRX_REDIS_URL="unix:///nowhere",
            TRX_JWT_SECRET=SECRET,
        )
        process = subprocess.Popen([*TRX, "--port", "0"], env=settings, stderr=subprocess.PIPE)
        try:
            silent.settimeout(60)
            with silent.accept()[0]:
                process.send_signal(number)
                _, said = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    ("settings", "options", "code"),
    [
        ({}, [], "TRX-O102"),
        ({"TRX_DATABASE_URL": "x"}, [], "TRX-O101"),
        ({"TRX_PORT": "high"}, [], "TRX-O101"),
        ({"TRX_RETRY__MAX_ATTEMPTS": "0"}, [], "TRX-O101"),
        ({}, ["--host", "host.invalid"], "TRX-O106"),
        (
            {
                "TRX_DATABASE_URL": "postgresql:///x?host=/nowhere",
                "TRX_REDIS_URL": "unix:///nowhere",
            },
            [],
            "TRX-O103",
        ),
        (
            {
                "TRX_DATABASE_URL": "postgresql:///x?host=/nowhere",
                "TRX_REDIS_URL": "unix:///nowhere",
                "TRX_JWT_SECRET": SECRET,
            },
            [],
            "TRX-A301",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    settings: dict[str, str], options: list[str], code: str
) -> None:
    argv = [*TRX, "--port", "0", *options]
    if "TRX_PORT" in settings:
        argv = TRX
    done = subprocess.run(
        argv, env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            [*TRX, "--port", str(port)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode != 0
    assert "TRX-O105" in done.stderr
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in (
        ("TRX_PORT", "70000"),
        ("TRX_REDIS_URL", "http://x"),
        ("TRX_JWT_SECRET", "short"),
        ("TRX_RETRY__JITTER", "2"),
        ("TRX_RETRY", "{"),
        ("TRX_LOG_LEVEL", "loud"),
        ("TRX_NAMESPACE", "{x}"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            with pytest.raises(OperatorError, match=variable) as caught:
                load_settings()
        assert caught.value.code == "TRX-O101"
        assert value == "2" or value not in str(caught.value) or variable == "TRX_RETRY"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRX_PORT", "9000")
    monkeypatch.setenv("TRX_RETRY__MAX_ATTEMPTS", "7")
    monkeypatch.setenv("TRX_LOG_LEVEL", "debug")
    monkeypatch.setenv("TRX_DATABASE_URL", "")
    settings = load_settings(host="::1", port=None)
    assert (settings.host, settings.port, settings.log_level) == ("::1", 9000, "DEBUG")
    assert settings.retry.max_attempts == 7
    with pytest.raises(OperatorError, match="TRX_DATABASE_URL") as caught:
        required_urls(settings)
    assert caught.value.code == "TRX-O102"


def test_a_misspelt_variable_is_told() -> None:
    told = unknown_variables(
        {"TRX_PROT": "1", "TRX_PORT": "1", "TRX_RETRY__BASE": "1", "TRX_SECRET_KEY": "", "X": ""}
    )
    assert set(told) == {"TRX_PROT"}
    assert "TRX_PORT" in told["TRX_PROT"]


def test_a_log_tells_the_traceback_of_a_plugin() -> None:
    fields = {"name": "x", "levelname": "WARNING", "msg": "it raised"}
    record = logging.makeLogRecord({**fields, "traceback": "Traceback\n  File"})
    assert json.loads(JsonFormatter().format(record))["traceback"] == "Traceback\n  File"
    assert TextFormatter().format(record).endswith(" x: it raised\nTraceback\n  File")
    assert TextFormatter().format(logging.makeLogRecord(fields)).endswith(" x: it raised")


def test_a_log_line_is_json_whatever_it_says() -> None:
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "INFO", "msg": "%s \n \ud800", "args": ("a",), "path": Path("/")}
    )
    entry = json.loads(JsonFormatter().format(record))
    assert entry["message"] == "a \n \ud800"
    assert entry["path"] == "/"
