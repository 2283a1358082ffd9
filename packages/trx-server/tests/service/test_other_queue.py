"""The service on a task queue that a plugin of somebody else's offers."""

from __future__ import annotations

import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import table_queue
from redis import Redis

from .programs import WITHIN, running

SECRET = "a secret of at least thirty-two bytes"


@pytest.fixture
def installed() -> Iterator[str]:
    """A folder in which the plugin is installed as a distribution of its own."""
    with tempfile.TemporaryDirectory(prefix="trx-plugin-") as name:
        info = Path(name, "acme_queue-0.3.1.dist-info")
        info.mkdir()
        info.joinpath("METADATA").write_text(
            "Metadata-Version: 2.1\nName: acme-queue\nVersion: 0.3.1\n"
        )
        info.joinpath("entry_points.txt").write_text("[trx]\nacme-queue = table_queue\n")
        assert table_queue.__file__ is not None
        Path(name, "table_queue.py").symlink_to(table_queue.__file__)
        yield name


async def _entries_ever_and_now(url: str) -> tuple[int, int]:
    connection = await asyncpg.connect(url)
    try:
        ever = await connection.fetchval("SELECT last_value FROM queue_place")
        return ever, await connection.fetchval("SELECT count(*) FROM queue_entry")
    finally:
        await connection.close()


async def test_tasks_go_through_it_and_none_is_lost_when_a_runner_dies(
    installed: str, migrated: str, redis_url: str
) -> None:
    given = {
        "PYTHONPATH": installed,
        "TRX_QUEUE_URL": "pgtable" + migrated.removeprefix("postgresql"),
        "TRX_LEASE_SECONDS": "2",
    }
    with running("demo", "--limit", "200", "--speed", "2", **given) as demo:
        found = demo.until(r"process ids:[^\n]*runner-1 (\d+)")
        time.sleep(0.5)
        os.kill(int(found[1]), signal.SIGKILL)
        assert demo.end() == 0, demo.said()
        said = demo.said()
    assert re.search(r"accepted +200\b", said)
    assert re.search(r"still open +0\b", said)
    ever, now = await _entries_ever_and_now(migrated)
    assert (ever >= 200, now) == (True, 0)


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("kafka://broker/topic", "TRX-O220", "There is: pgtable, redis, rediss, unix."),
        ("memory://here", "TRX-O221", "does not declare shared"),
        ("no-url", "TRX-O101", "TRX_QUEUE_URL: must be a URL"),
    ],
)
def test_a_queue_that_cannot_serve_is_refused_before_anything_starts(
    installed: str, url: str, code: str, words: str
) -> None:
    with running("up", "--port", "0", PYTHONPATH=installed, TRX_QUEUE_URL=url) as up:
        assert up.end() != 0
        assert up.said().startswith(code) and words in up.said()
        assert up.said().count("\n") == 1


def test_the_ledger_of_slots_stays_on_redis(installed: str, migrated: str, redis_url: str) -> None:
    given = {
        "PYTHONPATH": installed,
        "TRX_DATABASE_URL": migrated,
        "TRX_REDIS_URL": redis_url,
        "TRX_JWT_SECRET": SECRET,
        "TRX_QUEUE_URL": "pgtable" + migrated.removeprefix("postgresql"),
        "TRX_NAMESPACE": "other",
        "TRX_LOG_LEVEL": "WARNING",
    }
    with running("up", "--no-dashboard", "--port", "0", "--runners", "1", **given) as up:
        up.until("Ctrl-C stops it")
        with Redis.from_url(redis_url) as client:
            deadline = time.monotonic() + WITHIN
            while not (keys := {bytes(key).decode() for key in client.scan_iter("other:*")}):
                assert up.process.poll() is None and time.monotonic() < deadline, up.said()
                time.sleep(0.05)
            up.send(signal.SIGINT)
            assert up.end() == 0, up.said()
            keys |= {bytes(key).decode() for key in client.scan_iter("other:*")}
    assert all(key.startswith("other:{ledger}:") for key in keys)
