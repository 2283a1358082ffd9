"""Trace files: what is read, what is refused row by row, and what is refused at once."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from trx_core.errors import CallerError
from trx_core.protocols import Arrival, BadRow, TraceReader
from trx_core.traces import open_trace, trace_format
from trx_workers.plugin import trx_register_trace_readers
from trx_workers.traces.lines import MAX_LINE

READERS = {spec.name: spec for spec in trx_register_trace_readers()}
WITH_A_HEADER = ("azure-llm", "csv")
AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.csv"


def rows(path: Path, text: str | bytes, **options: Any) -> list[Arrival | BadRow]:
    """Everything in a file with that content."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    format = options.pop("format", None)
    return list(open_trace(READERS, path, format=format, options=options))


def arrivals(path: Path, text: str | bytes, **options: Any) -> list[Arrival]:
    """The same, where nothing may be bad."""
    result = rows(path, text, **options)
    good = [row for row in result if isinstance(row, Arrival)]
    assert good == result
    return good


@pytest.mark.parametrize("name", READERS)
def test_the_plugin_offers_readers(name: str) -> None:
    assert isinstance(READERS[name].build(), TraceReader)


class TestAzure:
    def test_reads_requests_as_they_are_published(self, path: Path) -> None:
        first, second = arrivals(
            path,
            f"\ufeff{AZURE}2023-11-16 18:17:03.9799600,4808,10\r\n"
            "2023-11-16 18:17:04.0319600,3180,8",
        )
        assert (first.at, second.at) == (0.0, 0.052)
        assert (first.line, second.line) == (2, 3)
        assert first.request.type == "llm"
        assert first.request.cost == (4808 + 4 * 10) / 1000
        assert first.request.metadata == {"context_tokens": 4808, "generated_tokens": 10}

    def test_reads_times_with_a_zone_across_midnight(self, path: Path) -> None:
        stamps = ("2024-05-10 23:59:59.5+00:00", "2024-05-11T01:00:00+01:00")
        times = [row.at for row in arrivals(path, AZURE + "".join(f"{s},1,1\n" for s in stamps))]
        assert times == [0.0, 0.5]

    def test_gives_every_request_what_the_options_say(self, path: Path) -> None:
        (row,) = arrivals(
            path,
            f"{AZURE}2023-11-16 18:17:03,1000,100\n",
            type="chat",
            priority=8,
            region="eu-west",
            resource_type="gpu",
            generated_weight=10,
        )
        assert (row.request.type, row.request.priority, row.request.cost) == ("chat", 8, 2.0)
        assert (row.request.region, row.request.resource_type) == ("eu-west", "gpu")

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("yesterday,1,1", "'yesterday' is not an ISO 8601 date and time"),
            (",1,1", "'' is not an ISO 8601"),
            ("2023-11-16 18:17:04,x,1", "contexttokens 'x' is not a count"),
            ("2023-11-16 18:17:04,1,-1", "generatedtokens '-1' is not a count"),
            ("2023-11-16 18:17:04,NaN,1", "contexttokens 'NaN' is not a count"),
            ("2023-11-16 18:17:04,1,", "generatedtokens '' is not a count"),
            ("2023-11-16 18:17:04,²,1", "contexttokens '²' is not a count"),
            ("2023-11-16 18:17:04,1", "it has 2 fields, the header 3"),
            ("2023-11-16 18:17:04,1,1,1", "it has 4 fields, the header 3"),
            ("2023-11-16 18:17:04,999999999999,999999999999", "cost: .*less than or equal"),
            ('2023-11-16 18:17:04,"1,1', "the line is not CSV"),
            ("2023-11-16 18:16:00,1,1", "its time runs back 63 s"),
            ("2099-01-01 00:00:00,1,1", "its time leaps .* past the rows after it"),
        ],
    )
    def test_refuses_a_malformed_row_and_goes_on(self, path: Path, line: str, reason: str) -> None:
        good = "2023-11-16 18:17:0{},1,1\n"
        text = "".join([AZURE, good.format(3), line, "\n", good.format(5), good.format(6)])
        first, bad, *rest = rows(path, text)
        assert isinstance(first, Arrival)
        assert isinstance(bad, BadRow)
        assert bad.line == 3
        assert pytest.approx([2.0, 3.0]) == [r.at for r in rest if isinstance(r, Arrival)]
        assert re.search(reason, bad.reason)


class TestCsv:
    def test_reads_every_field_of_a_task(self, path: Path) -> None:
        (row,) = arrivals(
            path,
            "at,type,priority,cost,region,region_required,slots,resource_type,"
            "deadline_seconds,expected_duration,metadata\n"
            '1.5,render,9,2.5,eu-west,true,3,gpu,60,7.5,"{""user"": ""é"", ""n"": [1]}"\n',
        )
        assert (row.at, row.line) == (1.5, 2)
        assert row.request.model_dump() == {
            "type": "render",
            "priority": 9,
            "cost": 2.5,
            "region": "eu-west",
            "region_required": True,
            "slots": 3,
            "resource_type": "gpu",
            "deadline_seconds": 60.0,
            "expected_duration": 7.5,
            "metadata": {"user": "é", "n": [1]},
        }

    def test_an_empty_cell_and_a_blank_line_count_as_not_given(self, path: Path) -> None:
        first, second = arrivals(path, "at, Type ,priority,region\n0,a,,\n\n1,b, 7 ,x\n")
        assert (first.request.priority, first.request.region) == (5, None)
        assert (second.request.priority, second.line) == (7, 4)

    def test_keeps_further_columns_in_the_metadata(self, path: Path) -> None:
        text = 'at,type,user,metadata\n0,a,ann,"{""k"": 1}"\n1,a,bob,\n2,a,,\n'
        metadata = [row.request.metadata for row in arrivals(path, text)]
        assert metadata == [{"user": "ann", "k": 1}, {"user": "bob"}, {}]

    def test_a_timestamp_starts_at_nought_and_seconds_stay(self, path: Path) -> None:
        stamped = arrivals(path, "timestamp,type\n2024-01-01T10:00:00Z,a\n2024-01-01T10:01:00Z,a\n")
        assert [row.at for row in stamped] == [0.0, 60.0]
        assert [row.at for row in arrivals(path, "at,type\n30,a\n31.5,a\n")] == [30.0, 31.5]

    def test_takes_names_defaults_and_a_delimiter_from_its_options(self, path: Path) -> None:
        (row,) = arrivals(
            path,
            "Submit;Work\n3;7\n",
            format="csv",
            columns={"at": "Submit", "cost": "work"},
            defaults={"type": "job", "priority": 2},
            delimiter=";",
        )
        assert (row.at, row.request.type, row.request.cost) == (3.0, "job", 7.0)
        assert (row.request.priority, row.request.metadata) == (2, {})

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("x,a,5,1,", "at: 'x' is not a number"),
            ("nan,a,5,1,", "at: 'nan' is not a number"),
            ("-1,a,5,1,", "at: '-1' is not a number"),
            ("inf,a,5,1,", "at: 'inf' is not a number"),
            ("1,,5,1,", "type: Field required"),
            ("1,a b,5,1,", "type: "),
            ("1,a,11,1,", "priority: .*less than or equal to 10"),
            ("1,a,5.5,1,", "priority: .*integer"),
            ("1,a,5,nan,", "cost: .*finite"),
            ("1,a,5,-2,", "cost: .*greater than or equal to 0"),
            ("1,a,0,many,", "priority: .*; cost: "),
            ("1,a,5,1,[]", "metadata: '\\[\\]' is not a JSON object"),
            ("1,a,5,1,{", "metadata: "),
            ('1,a,5,1,"{""k"": NaN}"', "metadata: "),
            ('1,"a,5,1,', "the line is not CSV"),
            ("1,a,5", "it has 3 fields, the header 5"),
        ],
    )
    def test_refuses_a_malformed_row_and_goes_on(self, path: Path, line: str, reason: str) -> None:
        text = f"at,type,priority,cost,metadata\n0,a,5,1,\n{line}\n2,a,5,1,\n"
        first, bad, last = rows(path, text)
        assert isinstance(first, Arrival)
        assert isinstance(last, Arrival)
        assert isinstance(bad, BadRow)
        assert bad.line == 3
        assert re.search(reason, bad.reason)

    def test_refuses_a_row_in_broken_encoding(self, path: Path) -> None:
        _, bad, last = rows(path, b"at,type\n0,a\n1,caf\xe9\n2,a\n")
        assert bad == BadRow(3, "the line is not UTF-8: byte 0xe9 at column 6")
        assert isinstance(last, Arrival)

    @pytest.mark.parametrize("at", [1, 5000])
    def test_refuses_a_row_with_a_nul_however_early(self, path: Path, at: int) -> None:
        lines = ["at,type", *(f"{number},a" for number in range(6000))]
        lines[at] = "7,a\0"
        found = rows(path, "\n".join(lines))
        assert [r for r in found if isinstance(r, BadRow)] == [
            BadRow(at + 1, "the line holds a NUL byte")
        ]
        assert len(found) == 6000

    def test_refuses_a_line_that_has_no_end_in_sight(self, path: Path) -> None:
        _, bad, last = rows(path, f"at,type\n0,a\n1,{'a' * 3 * MAX_LINE}\n2,a\n")
        assert bad == BadRow(3, f"the line is longer than {MAX_LINE} bytes")
        assert isinstance(last, Arrival)
        assert last.line == 4

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            ({"colums": {}}, "colums: "),
            ({"jitter": -1}, "jitter: "),
            ({"delimiter": "ab"}, "delimiter: "),
            ({"columns": {"prio": "p"}}, "there is no field prio"),
            ({"defaults": {"priority": 12}}, "priority"),
        ],
    )
    def test_names_the_option_that_is_wrong(
        self, path: Path, options: dict[str, Any], complaint: str
    ) -> None:
        with pytest.raises(CallerError, match=f"TRX-C135.*{complaint}") as caught:
            rows(path, "at,type\n0,a\n", **options)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "format"),
    [
        (AZURE, "azure-llm"),
        ("timestamp,CONTEXTTOKENS,generatedtokens,model\n", "azure-llm"),
        ("type,at\n", "csv"),
        ("region,timestamp,type,gpu\n", "csv"),
    ],
)
def test_formats_are_told_apart(path: Path, header: str, format: str) -> None:
    path.write_text(header)
    assert trace_format(READERS, path) == format
    assert rows(path, header) == []


@pytest.mark.parametrize("format", WITH_A_HEADER)
class TestHeaders:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"2023-11-16 18:17:03,4808,10\n", "TRX-C134: the first line .* is no header"),
            (b"when,what\n", "TRX-C134: the first line .* is no header"),
            (b'"\n', "TRX-C134: the first line .* is no header"),
            (b"caf\xe9\n", "TRX-C134: the first line .* is no header"),
            (gzip.compress(b"type,at\n", mtime=0), "TRX-C131: .* is compressed"),
        ],
    )
    def test_are_refused_in_one_line(
        self, path: Path, format: str, content: bytes, complaint: str
    ) -> None:
        with pytest.raises(CallerError, match=complaint) as caught:
            rows(path, content, format=format)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("format", READERS)
class TestWholeFiles:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "TRX-C130: .* is empty"),
            (b"\x7fELF\0\0\0", "TRX-C131: .* (is not text in UTF-8|cannot be read as Parquet)"),
            ("type,at".encode("utf-16"), "TRX-C131: .* (is not text|cannot be read as Parquet)"),
        ],
    )
    def test_are_refused_in_one_line(
        self, path: Path, format: str, content: bytes, complaint: str
    ) -> None:
        with pytest.raises(CallerError, match=complaint) as caught:
            rows(path, content, format=format)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(("name", "what"), [("absent", "does not exist"), ("", "directory")])
    def test_that_are_none_are_refused(
        self, tmp_path: Path, format: str, name: str, what: str
    ) -> None:
        with pytest.raises(CallerError, match=f"TRX-C130: .*{what}"):
            open_trace(READERS, tmp_path / name, format=format)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("at,type,type\n", "names type twice"),
        ("type,priority\n", "lacks a column at, timestamp or enqueued_at"),
        ("at,priority\n", "is no header with the column type"),
    ],
)
def test_a_header_must_make_sense(path: Path, header: str, complaint: str) -> None:
    with pytest.raises(CallerError, match=f"TRX-C134: .*{complaint}"):
        rows(path, header, format="csv")


def test_a_trace_is_read_as_it_is_asked_for(path: Path) -> None:
    path.write_text("at,type\n" + "0,a\n" * 10_000 + "\xff" * 100)
    stream = open_trace(READERS, path)
    assert isinstance(next(stream), Arrival)
    del stream
