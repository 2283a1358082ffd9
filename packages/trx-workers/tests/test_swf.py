"""Traces in the standard workload format."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from trx_core.errors import CallerError
from trx_core.protocols import Arrival, BadRow
from trx_core.traces import open_trace, trace_format
from trx_workers.plugin import trx_register_trace_readers

READERS = {spec.name: spec for spec in trx_register_trace_readers()}
HEADER = "; Version: 2.2\n; Computer: a cluster\n;\n"
JOB = "7 100 30 600 16 -1 -1 32 900 -1 1 12 3 -1 2 1 -1 -1\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.swf.gz"


def rows(path: Path, text: str, *, packed: bool = False, **options: Any) -> list[Arrival | BadRow]:
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return list(open_trace(READERS, path, options=options))


def job(**fields: float) -> str:
    """A job of 18 numbers that runs at once for a minute on one processor, but for ``fields``."""
    names = (
        *("job", "submit", "wait", "run", "allocated", "cpu", "memory", "processors", "time"),
        *("asked_memory", "status", "user", "group", "executable", "queue", "partition"),
        *("preceding", "think"),
    )
    usual = dict.fromkeys(names, -1.0) | {"job": 1, "submit": 0, "run": 60, "allocated": 1}
    return " ".join(f"{value:g}" for value in (usual | fields).values()) + "\n"


@pytest.mark.parametrize("packed", [False, True])
def test_reads_a_job_as_a_task(path: Path, packed: bool) -> None:
    (row,) = rows(path, HEADER + JOB, packed=packed)
    assert isinstance(row, Arrival)
    assert (row.at, row.line) == (100.0, 4)
    assert row.request.model_dump(exclude_defaults=True) == {
        "type": "job",
        "slots": 32,
        "expected_duration": 900.0,
        "cost": 600 * 32 / 3600,
        "metadata": {
            **{"job": 7, "run_time": 600, "status": 1, "user": 12, "group": 3},
            **{"queue": 2, "partition": 1},
        },
    }


def test_takes_what_ran_where_nothing_was_asked_for(path: Path) -> None:
    (row,) = rows(path, job(run=12.5, allocated=4, processors=0, time=-1))
    assert isinstance(row, Arrival)
    assert (row.request.slots, row.request.expected_duration) == (4, 12.5)
    assert row.request.metadata["run_time"] == 12.5


def test_a_job_that_took_no_time_is_a_task(path: Path) -> None:
    (row,) = rows(path, job(run=0))
    assert isinstance(row, Arrival)
    assert (row.request.expected_duration, row.request.metadata["run_time"]) == (None, 0)


def test_keeps_the_times_of_the_trace_unless_asked(path: Path) -> None:
    text = job(submit=500) + job(submit=560)
    assert [row.at for row in rows(path, text) if isinstance(row, Arrival)] == [500.0, 560.0]
    rebased = rows(path, text, rebase=True)
    assert [row.at for row in rebased if isinstance(row, Arrival)] == [0.0, 60.0]


def test_gives_every_job_what_the_options_say(path: Path) -> None:
    options: dict[str, Any] = {"type": "batch", "priority": 2, "region": "eu"}
    (row,) = rows(path, JOB, **options)
    assert isinstance(row, Arrival)
    assert row.request.model_dump(include=set(options)) == options


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1 2 three\n", "'1 2 three' does not consist of numbers"),
        ("1 2 3\n", "it has 3 fields, the format 18"),
        (job(submit=-5), "its submit_time is -5"),
        (job(submit=0, run=-1), "its run_time is -1"),
        (JOB.replace("600", "nan"), "its run_time is nan"),
        (JOB.replace("600", "inf"), "its run_time is inf"),
        (job(allocated=-1), "slots: "),
        (job(allocated=1.5), "slots: "),
        (job(allocated=1e9), "slots: "),
    ],
)
def test_refuses_a_malformed_job_and_goes_on(path: Path, line: str, reason: str) -> None:
    first, bad, last = rows(path, job() + line + job(submit=9))
    assert isinstance(first, Arrival)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.reason[: len(reason)]) == (2, reason)
    assert isinstance(last, Arrival)


def test_a_packed_file_that_breaks_off_is_told_where_it_does(path: Path) -> None:
    path.write_bytes(gzip.compress((HEADER + JOB * 50_000).encode())[:-200])
    stream = open_trace(READERS, path)
    assert isinstance(next(stream), Arrival)
    with pytest.raises(CallerError, match=r"TRX-C131: .* cannot be unpacked"):
        list(stream)


def test_a_file_that_is_no_gzip_after_all_is_refused(path: Path) -> None:
    path.write_bytes(b"\x1f\x8b\x08nothing of the kind")
    with pytest.raises(CallerError, match=r"TRX-C131: .* cannot be unpacked"):
        open_trace(READERS, path, format="swf")


@pytest.mark.parametrize("text", ["at,type\n0,a\n", "1 2 3\n", HEADER, "; at,type\n"])
def test_takes_nothing_else_for_its_own(path: Path, text: str) -> None:
    path.write_text(text)
    reader = READERS["swf"].build()
    assert not reader.sniff(path, text)


def test_a_long_comment_does_not_hide_the_jobs(path: Path) -> None:
    path.write_text("; note\n" * 900 + JOB)
    assert trace_format(READERS, path) == "swf"
