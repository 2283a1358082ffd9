"""Traces of records in any file, pods, and the service's history."""

from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from trx_core.errors import CallerError, OperatorError
from trx_core.protocols import Arrival, BadRow
from trx_core.traces import open_trace, trace_format
from trx_workers.plugin import trx_register_trace_readers

READERS = {spec.name: spec for spec in trx_register_trace_readers()}
POD = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
POD += "deletion_time,scheduled_time\n"


def rows(path: Path, content: str | bytes, **options: Any) -> list[Arrival | BadRow]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    format = options.pop("format", None)
    return list(open_trace(READERS, path, format=format, options=options))


def good(found: list[Arrival | BadRow]) -> list[Arrival]:
    return [row for row in found if isinstance(row, Arrival)]


def bad(found: list[Arrival | BadRow]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in found if isinstance(row, BadRow)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace"


class TestJsonLines:
    def test_reads_objects_with_what_they_say(self, path: Path) -> None:
        text = (
            '{"at": 1, "type": "web", "priority": 8, "cost": 2.5, "colour": "red", "n": [1]}\n\n'
            '{"at": 2.5, "type": "web", "region": null, "metadata": {"a": {"b": 1}}}\n'
        )
        first, second = good(rows(path, text))
        assert (first.at, first.line, second.at, second.line) == (1.0, 1, 2.5, 3)
        assert (first.request.priority, first.request.cost) == (8, 2.5)
        assert first.request.metadata == {"colour": "red", "n": [1]}
        assert second.request.metadata == {"a": {"b": 1}}
        assert trace_format(READERS, path) == "jsonl"

    def test_reads_what_is_packed_and_mapped(self, path: Path) -> None:
        text = '{"ts": 1700000000, "kind": "web"}\n{"ts": 1700000001.5, "kind": "web"}\n'
        columns = {"enqueued_at": "ts", "type": "kind"}
        found = good(rows(path, gzip.compress(text.encode()), columns=columns))
        assert [row.at for row in found] == [0.0, 1.5]
        assert found[0].request.metadata == {}

    def test_names_bad_lines(self, path: Path) -> None:
        text = (
            '{"timestamp": "2024-01-01T00:00:00Z", "type": "web"}\n[1]\n{"type": \n'
            '{"timestamp": "noon", "type": "web"}\n{"type": "web"}\n'
            '{"timestamp": "2024-01-01T00:00:01Z", "type": "web", "priority": 11}\n'
        )
        found = rows(path, text)
        assert len(good(found)) == 1
        assert [line for line, _ in bad(found)] == [2, 3, 4, 5, 6]
        told = " ".join(reason for _, reason in bad(found))
        for complaint in ("not an object", "not JSON", "'noon' is not an ISO", "priority: Input"):
            assert complaint in told

    def test_needs_a_time(self, path: Path) -> None:
        with pytest.raises(CallerError, match="TRX-C134: the first object"):
            rows(path, '{"type": "web"}\n', format="jsonl")


class TestCsv:
    def test_is_told_from_its_columns_once_they_are_mapped(self, path: Path) -> None:
        text = "ts;kind;prio\n2024-01-01 00:00:00;web;7\n2024-01-01 00:00:02;web;3\n"
        options = {
            "columns": {"enqueued_at": "ts", "type": "kind", "priority": "prio"},
            "delimiter": ";",
        }
        found = good(rows(path, text, **options))
        assert [(row.at, row.request.priority) for row in found] == [(0.0, 7), (2.0, 3)]
        with pytest.raises(CallerError, match="TRX-C131"):
            trace_format(READERS, path)

    def test_a_column_that_is_not_there_is_told(self, path: Path) -> None:
        with pytest.raises(CallerError, match=r"TRX-C134: .*column ts"):
            rows(path, "at,type\n0,web\n", columns={"at": "ts"}, format="csv")


class TestParquet:
    def write(self, path: Path, columns: dict[str, Any], **options: Any) -> None:
        parquet.write_table(pyarrow.table(columns), path, **options)

    def test_reads_columns_of_any_type(self, path: Path) -> None:
        start = datetime(2024, 1, 1, tzinfo=UTC)
        self.write(
            path,
            {
                "ts": [start, start + timedelta(seconds=1.5), start + timedelta(seconds=2)],
                "type": ["web", "web", None],
                "priority": [8, None, 1],
                "cost": [2.5, float("nan"), 1.0],
                "day": [start.date()] * 3,
            },
        )
        found = list(open_trace(READERS, path, options={"columns": {"timestamp": "ts"}}))
        first, second = good(found)
        assert (first.at, second.at, first.line) == (0.0, 1.5, 1)
        assert (first.request.priority, second.request.priority, second.request.cost) == (8, 5, 1.0)
        assert first.request.metadata == {"day": "2024-01-01"}
        assert bad(found) == [(3, "type: Field required")]
        assert trace_format(READERS, path) == "parquet"

    def test_reads_nanoseconds(self, path: Path) -> None:
        stamps = pyarrow.array([10**18 + 1, 10**18 + 10**9 + 7], pyarrow.timestamp("ns"))
        self.write(path, {"timestamp": stamps, "type": ["a", "b"]})
        assert [row.at for row in good(list(open_trace(READERS, path)))] == [0.0, 1.0]

    def test_without_columns_it_needs_or_without_pyarrow(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.write(path, {"when": [1], "type": ["a"]})
        with pytest.raises(CallerError, match=r"TRX-C134: .*when, type"):
            open_trace(READERS, path)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(OperatorError, match=r"TRX-O130.*trx-workers\[parquet\]"):
            open_trace(READERS, path)


class TestAlibaba:
    def test_reads_a_pod_as_it_is_stated(self, path: Path) -> None:
        text = POD + (
            "p-0,6000,12288,2,1000,V100M16|V100M32,LS,Running,100,3760,160\n"
            "p-1,6000,12288,1,460,,BE,Failed,101,161,101\n"
            "p-2,6000,12288,0,0,,Strange,Succeeded,102,3702,102\n"
        )
        first, second, third = good(rows(path, text, gpu_type="gpu", cpu_type="cpu"))
        assert [row.at for row in (first, second, third)] == [0.0, 1.0, 2.0]
        assert [r.request.resource_type for r in (first, second, third)] == [
            "V100M16",
            "gpu",
            "cpu",
        ]
        assert [r.request.slots for r in (first, second, third)] == [2, 1, 1]
        assert [r.request.priority for r in (first, second, third)] == [8, 2, 5]
        assert [r.request.cost for r in (first, second, third)] == [
            2.0,
            pytest.approx(0.46 / 60),
            pytest.approx(0.3),
        ]
        assert first.request.metadata["run_time"] == 3600.0
        assert first.request.metadata["gpu_spec"] == "V100M16|V100M32"
        assert trace_format(READERS, path) == "alibaba-gpu"

    def test_slots_may_be_shares_of_a_gpu(self, path: Path) -> None:
        text = POD + "p,1,1,1,460,,LS,Running,0,10,0\np,1,1,8,1000,,LS,Running,0,10,0\n"
        found = good(rows(path, text, slot_milli=100))
        assert [row.request.slots for row in found] == [5, 80]

    @pytest.mark.parametrize(
        ("line", "complaint"),
        [
            ("p,1,1,1,460,,LS,Pending,0,10,", "it was never scheduled"),
            ("p,1,1,1,460,,LS,Failed,0,10,20", "deleted 10 s before"),
            ("p,1,1,x,460,,LS,Failed,0,10,2", "num_gpu 'x' is not a number"),
            ("p,1,1,1,460,,LS,Failed,,10,2", "creation_time '' is not a number"),
            ("p,1,1,1,460,a b,LS,Failed,0,10,2", "resource_type: "),
        ],
    )
    def test_names_bad_rows(self, path: Path, line: str, complaint: str) -> None:
        ((number, reason),) = bad(rows(path, f"{POD}{line}\n"))
        assert number == 2
        assert complaint in reason


class TestHistory:
    def task(self, **changes: Any) -> str:
        usual = {
            "id": "0190b6d2-0000-7000-8000-000000000000",
            **{"type": "web", "priority": 7, "cost": 2.0, "region": "eu-west", "slots": 2},
            **{"resource_type": None, "expected_duration": None, "metadata": {"a": 1}},
            **{"status": "completed", "attempt": 1, "worker_id": None, "algorithm_used": "x"},
            "enqueued_at": "2024-01-01T00:00:00.000000Z",
            "started_at": "2024-01-01T00:00:01.000000Z",
            "completed_at": "2024-01-01T00:00:03.500000Z",
            "deadline": "2024-01-01T00:00:30.000000Z",
        }
        return json.dumps({**usual, **changes}) + "\n"

    def test_reads_tasks_as_they_were_submitted(self, path: Path) -> None:
        again = self.task(attempt=2, enqueued_at="2024-01-01T00:00:02Z", deadline=None)
        first, second = good(rows(path, self.task() + again))
        assert (first.at, second.at) == (0.0, 2.0)
        assert (first.request.priority, first.request.slots) == (7, 2)
        assert first.request.deadline_seconds == 30.0
        assert first.request.metadata == {"a": 1, "run_time": 2.5}
        assert second.request.metadata == {"a": 1}
        assert second.request.deadline_seconds is None
        assert trace_format(READERS, path) == "trx-history"

    def test_may_leave_out_what_was_not_completed(self, path: Path) -> None:
        text = self.task(status="failed") + self.task()
        assert [row.line for row in good(rows(path, text, ended=True))] == [2]

    def test_names_bad_lines(self, path: Path) -> None:
        text = self.task() + self.task(deadline="noon") + self.task(enqueued_at=None, deadline=None)
        assert [line for line, _ in bad(rows(path, text))] == [2, 3]


WRITERS = ("csv", "jsonl", "parquet", "alibaba-gpu", "azure-llm", "swf", "trx-history")


def lines(format: str, count: int) -> Iterator[str]:
    header = {
        "csv": "at,type,priority\n",
        "alibaba-gpu": POD,
        "azure-llm": "TIMESTAMP,ContextTokens,GeneratedTokens\n",
    }
    yield header.get(format, "")
    for n in range(count):
        stamp = (datetime(2024, 1, 1) + timedelta(seconds=n)).isoformat()
        yield {
            "csv": f"{n},web,5\n",
            "jsonl": f'{{"at": {n}, "type": "web"}}\n',
            "alibaba-gpu": f"p-{n},1,1,1,460,,LS,Running,{n},{n + 9},{n}\n",
            "azure-llm": f"{stamp},{n},5\n",
            "swf": f"{n} {n} 0 9 1 -1 -1 1 9 -1 1 1 1 1 1 1 -1 -1\n",
            "trx-history": f'{{"id": "{n}", "type": "a", "status": "completed", "attempt": 2, '
            f'"enqueued_at": "{stamp}", "completed_at": null}}\n',
        }[format]


@pytest.mark.parametrize("format", WRITERS)
def test_a_long_trace_takes_no_more_memory_than_a_short_one(format: str, path: Path) -> None:
    peaks = []
    for count in (5000, 15_000) if format == "parquet" else (2000, 6000):
        if format == "parquet":
            columns = {"at": list(range(count)), "type": ["web"] * count}
            TestParquet().write(path, columns, row_group_size=5000)
        else:
            path.write_text("".join(lines(format, count)))
        tracemalloc.start()
        found = open_trace(READERS, path, format=format)
        assert sum(isinstance(row, Arrival) for row in found) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 200_000
