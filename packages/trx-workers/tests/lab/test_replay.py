"""A small trace is read once for many runs, and is the same to each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_workers.lab import replay
from trx_workers.lab.plan import Traffic
from trx_workers.lab.replay import replayed

ROWS = (
    Arrival(0.0, TaskRequest(type="a"), 1),
    BadRow(2, "torn"),
    Arrival(1.0, TaskRequest(type="b", metadata={"x": 1, "of": ["y"]}), 3),
)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    path.write_text("at,type\n0,a\n")
    return path


def unread() -> Iterator[Arrival | BadRow]:
    yield from ROWS


def never() -> Iterator[Arrival | BadRow]:
    raise AssertionError("read again")
    yield


def test_rows_are_read_once_and_are_the_same(trace: Path) -> None:
    traffic = Traffic(trace=trace)
    assert tuple(replayed(traffic, unread())) == ROWS
    assert tuple(replayed(traffic, never())) == ROWS


def test_what_a_run_does_to_metadata_is_nothing_to_the_next(trace: Path) -> None:
    traffic = Traffic(trace=trace)
    for _ in range(2):
        row = list(replayed(traffic, unread()))[2]
        assert isinstance(row, Arrival)
        assert row.request.metadata == {"x": 1, "of": ["y"]}
        row.request.metadata["of"].append("z")
        row.request.metadata["x"] = 2


def test_another_file_or_reading_is_read_anew(trace: Path) -> None:
    tuple(replayed(Traffic(trace=trace), unread()))
    for other in (
        Traffic(trace=trace, params={"jitter": 2.0}),
        Traffic(trace=trace, limit=1),
        Traffic(scenario="steady"),
    ):
        assert tuple(replayed(other, unread())) == ROWS
    tuple(replayed(Traffic(trace=trace), unread()))
    trace.write_text("at,type\n0,other\n")
    assert tuple(replayed(Traffic(trace=trace), iter(ROWS[:1]))) == ROWS[:1]


def test_a_large_file_streams(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "LARGEST", 3)
    rows = unread()
    assert replayed(Traffic(trace=trace), rows) is rows
