"""Telling a trace's format, with readers that take what begins with their own name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from trx_core.errors import CallerError, PluginError
from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_core.specs import TraceReaderSpec
from trx_core.traces import HEAD, open_trace, read_head, trace_format


class Reader:
    word = "alpha"

    def sniff(self, path: Path, head: str) -> bool:
        return head.startswith(self.word)

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        yield Arrival(0.0, TaskRequest(type=self.word, **options), 1)


class Vowels(Reader):
    word = "al"


class Failing(Reader):
    def sniff(self, path: Path, head: str) -> bool:
        raise RuntimeError("no codec")


class Leaving(Reader):
    def sniff(self, path: Path, head: str) -> bool:
        sys.exit(7)


class Interrupting(Reader):
    def sniff(self, path: Path, head: str) -> bool:
        raise KeyboardInterrupt


def formats(**classes: str) -> dict[str, TraceReaderSpec]:
    return {
        name: TraceReaderSpec(name=name, target=f"{__name__}:{target}", summary="")
        for name, target in classes.items()
    }


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.txt"
    path.write_text("alpha\n1\n")
    return path


def test_tells_the_format_by_how_the_file_begins(trace: Path) -> None:
    assert trace_format(formats(alpha="Reader"), trace) == "alpha"


def test_opens_the_trace_with_its_reader_and_options(trace: Path) -> None:
    (row,) = open_trace(formats(alpha="Reader"), trace, options={"priority": 9})
    assert isinstance(row, Arrival)
    assert (row.request.type, row.request.priority) == ("alpha", 9)


def test_does_not_look_where_the_format_is_named(trace: Path) -> None:
    (row,) = open_trace(formats(alpha="Reader", other="Failing"), trace, format="other")
    assert isinstance(row, Arrival)


def test_refuses_a_format_that_nobody_offers(trace: Path) -> None:
    with pytest.raises(CallerError, match=r"TRX-C133.*'swf'.*alpha"):
        open_trace(formats(alpha="Reader"), trace, format="swf")


def test_refuses_a_file_that_no_format_fits(trace: Path) -> None:
    trace.write_text("beta\n")
    with pytest.raises(CallerError, match=r"TRX-C131.*'beta'.*alpha"):
        trace_format(formats(alpha="Reader"), trace)


def test_refuses_to_guess_between_two_formats(trace: Path) -> None:
    with pytest.raises(CallerError, match=r"TRX-C132.*a, b"):
        trace_format(formats(a="Reader", b="Vowels"), trace)


@pytest.mark.parametrize("broken", ["Failing", "Leaving", "Interrupting", "Missing"])
def test_a_broken_reader_does_not_stop_another_and_is_told(
    trace: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = broken.lower()
    assert trace_format(formats(**{name: broken, "alpha": "Reader"}), trace) == "alpha"
    (told,) = caplog.messages
    assert repr(name) in told


@pytest.mark.parametrize(
    ("broken", "code"), [("Failing", "TRX-P131"), ("Leaving", "TRX-P131"), ("Missing", "TRX-P110")]
)
def test_a_broken_reader_is_named_where_no_other_fits(trace: Path, broken: str, code: str) -> None:
    with pytest.raises(PluginError, match=rf"{code}.*'broken'"):
        trace_format(formats(broken=broken), trace)


class TestHead:
    def test_is_the_start_of_the_text_without_its_byte_order_mark(self, tmp_path: Path) -> None:
        path = tmp_path / "long"
        path.write_text("é" * (2 * HEAD), encoding="utf-8-sig")
        assert read_head(path) == "é" * HEAD

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("absent", "does not exist"),
            ("folder", "is a directory"),
            ("empty", "is empty"),
            ("blank", "is empty"),
            ("pipe", "is not a regular file"),
            ("nul\0", "cannot be read"),
        ],
    )
    def test_says_in_one_line_why_there_is_nothing_to_read(
        self, tmp_path: Path, name: str, reason: str
    ) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "empty").touch()
        (tmp_path / "blank").write_text("\n \n")
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(CallerError, match=f"TRX-C130.*{reason}") as caught:
            read_head(tmp_path / name)
        assert "\n" not in str(caught.value)
