"""``trx demo`` as a stranger runs it, interrupts it and kills parts of it."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import psutil
import pytest

from .programs import Program, running

FAST = ("--speed", "10")
TRACE = """at,type,priority,cost,region
0.0,web,5,1.0,eu-west
0.1,web,11,1.0,eu-west
0.2,web,5,cheap,eu-west
0.3,web,5,1.0,atlantis
0.4,report,8,2.0,
"""


def test_a_runner_is_killed_and_it_shows_what_became_of_every_task() -> None:
    with running("demo", "--limit", "200", "--speed", "2", TRX_LEASE_SECONDS="2") as demo:
        found = demo.until(r"process ids:[^\n]*runner-1 (\d+)")
        time.sleep(0.5)
        os.kill(int(found[1]), signal.SIGKILL)
        assert demo.end() == 0, demo.said()
        assert demo.leftovers() == []
        said = demo.said()
    assert "runner-1 exited (signal SIGKILL)" in said
    assert re.search(r"accepted +200\b", said)
    assert re.search(r"still open +0\b", said)
    for words in ("completed", "retried", "dead letters", "p99", "cost", "utilisation", "greedy"):
        assert words in said
    assert "Traceback" not in said


def test_postgresql_is_killed_and_every_task_is_accounted_for() -> None:
    """The relay and the runners wait, the API sends its batch again, and the demo its batches."""
    with running("demo", "--limit", "300", "--speed", "1") as demo:
        demo.until(r"process ids:[^\n]*runner-2 \d+")
        time.sleep(1.5)
        _postmaster(demo).kill()
        assert demo.end() == 0, demo.said()
        said = demo.said()
    assert "postgres exited (signal SIGKILL)" in said
    assert re.search(r"accepted +300\b", said), said
    assert "not known whether" not in said
    for word in ("Traceback", "asyncpg", "Error"):
        assert word not in said, said


def _postmaster(demo: Program) -> psutil.Process:
    """The first of PostgreSQL's processes, whose children the others are."""
    found = [process for process in demo.processes() if process.name() == "postgres"]
    (first,) = (process for process in found if process.parent() not in found)
    return first


def test_rows_of_a_trace_that_cannot_be_used_are_named_and_the_rest_is_replayed(
    tmp_path: Path,
) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text(TRACE)
    with running("demo", "--trace", str(trace), "--algorithm", "fifo", *FAST) as demo:
        assert demo.end() == 1, demo.said()
        said = demo.said()
        assert demo.leftovers() == []
    assert re.search(r"accepted +2\b", said)
    assert re.search(r"fifo +2\b", said)
    for line in ("line 3: priority", "line 4: cost", "line 5: region"):
        assert line in " ".join(said.split()), said


@pytest.mark.parametrize(
    ("words", "number", "code"),
    [
        ("starting PostgreSQL", signal.SIGINT, 130),
        ("starting 2 scheduler runners", signal.SIGINT, 130),
        ("process ids", signal.SIGHUP, 129),
    ],
)
def test_it_can_be_interrupted_at_any_moment(words: str, number: signal.Signals, code: int) -> None:
    with running("demo", "-p", "rate=20") as demo:
        demo.until(words)
        demo.send(number)
        assert demo.end() == code, demo.said()
        assert demo.leftovers() == []
        assert "Traceback" not in demo.said()


@pytest.mark.parametrize("wait", [0.2, 1.0])
def test_it_can_be_interrupted_before_it_has_said_anything(wait: float) -> None:
    with running("demo") as demo:
        time.sleep(wait)
        demo.send(signal.SIGINT)
        assert demo.end() in (130, -signal.SIGINT), demo.said()
        assert demo.leftovers() == []


def test_a_second_interrupt_while_it_stops_disturbs_nothing() -> None:
    with running("demo", "-p", "rate=20") as demo:
        demo.until("process ids")
        demo.send(signal.SIGINT)
        demo.until("stopping")
        while demo.process.poll() is None:
            demo.send(signal.SIGINT)
            time.sleep(0.01)
            if not _is_stopping(demo):
                break
        assert demo.end() == 130, demo.said()
        assert demo.leftovers() == []


def _is_stopping(demo: Program) -> bool:
    """Whether it has processes of its own that have not ended."""
    return len(demo.processes()) > 1


def test_an_interrupt_while_it_stops_by_itself_does_not_hide_the_result() -> None:
    with running("demo", "--limit", "20", *FAST) as demo:
        demo.until("stopping")
        demo.send(signal.SIGINT)
        assert demo.end() == 130, demo.said()
        assert re.search(r"accepted +20\b", demo.said())
        assert demo.leftovers() == []


def test_when_it_is_killed_itself_nothing_outlives_it_and_the_next_one_clears_up() -> None:
    with running("demo", "-p", "rate=20") as demo:
        demo.until("process ids")
        demo.process.kill()
        demo.process.wait()
        deadline = time.monotonic() + 60
        while demo.processes():
            assert time.monotonic() < deadline, demo.processes()
            time.sleep(0.1)
        (left,) = demo.leftovers()
        assert left.startswith("trx-demo-")
        with running("demo", "--limit", "20", *FAST, TMPDIR=str(demo.folder)) as second:
            assert second.end() == 0, second.said()
        assert demo.leftovers() == []


@pytest.mark.parametrize(
    ("arguments", "code", "start"),
    [
        (("--trace", "/no/such/file"), 2, "TRX-C"),
        (("--scenario", "no-such"), 2, "TRX-C"),
        (("--algorithm", "no-such"), 2, "TRX-C120"),
        (("--pools", "/no/such/file"), 2, "TRX-C110"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: tuple[str, ...], code: int, start: str) -> None:
    with running("demo", *arguments) as demo:
        assert demo.end() == code, demo.said()
        assert demo.said().startswith(start)
        assert demo.said().count("\n") == 1
