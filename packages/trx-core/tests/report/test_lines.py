"""The log as a file of JSON lines."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from trx_core.capabilities import CollectorCapabilities
from trx_core.errors import CallerError
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_collector
from trx_core.report import JsonLines
from trx_core.testing import CollectorSuite, sample_log

NUMBERS = count(1)


class TestContract(CollectorSuite):
    capabilities = CollectorCapabilities(numbers="written", idempotent=False)

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path

    def make(self) -> JsonLines:
        return JsonLines(str(self.path / f"{next(NUMBERS)}.jsonl"))


def test_every_entry_is_a_line_that_says_all_of_it(tmp_path: Path) -> None:
    path, log = tmp_path / "log.jsonl", sample_log()
    collector = JsonLines(str(path))
    collector.observe(log[:50])
    collector.observe(log[50:])
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["task_id"] for row in rows] == [str(entry.task_id) for entry in log]
    assert [(row["timestamp"], row["event_type"]) for row in rows] == [
        (entry.timestamp, entry.event_type.value) for entry in log
    ]
    assert rows[0]["details"] == dict(log[0].details)


def test_a_file_is_begun_anew_unless_asked_otherwise(tmp_path: Path) -> None:
    path, log = tmp_path / "log.jsonl", sample_log()[:3]
    for append, lines in ((False, 3), (True, 6), (False, 3)):
        JsonLines(str(path), append=append).observe(log)
        assert len(path.read_text().splitlines()) == lines


def test_a_path_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match=r"TRX-C111.*No such file or directory"):
        make_collector(load_plugins(), "jsonl", {"path": str(tmp_path / "none" / "log.jsonl")})
