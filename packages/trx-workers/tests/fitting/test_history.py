"""What is read from a schedule log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trx_core.errors import CallerError
from trx_core.models import ErrorKind
from trx_workers.fitting.history import Ended, History, read_history

ENQUEUED: dict[str, Any] = {"type": "web", "cost": 2.0, "priority": 5}


def row(kind: str, task: str = "t", **details: Any) -> dict[str, Any]:
    return {"task_id": task, "event_type": kind, "timestamp": "2026-01-01", "details": details}


def ended(kind: str = "completed", attempt: int = 1, **details: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"attempt": attempt, "pool": "p", "latency": 0.5, "cost": 3.0}
    return row(kind, **(usual | details))


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(*rows: Any) -> History:
        lines = (one if isinstance(one, str) else json.dumps(one) for one in rows)
        path = tmp_path / "history.jsonl"
        path.write_text("\n".join(lines))
        return read_history(path)

    return read


def test_attempts_are_sorted_by_pool_and_type(read: Any) -> None:
    history = read(
        row("enqueued", **ENQUEUED),
        row("dispatched", attempt=1, pool="p"),
        ended("retried", error="transient", latency=0.2, cost=0.0),
        row("dispatched", attempt=2, pool="p"),
        ended(attempt=2),
    )
    assert history.ended == {
        "p": {"web": [Ended(2.0, 0.2, 0.0, ErrorKind.TRANSIENT), Ended(2.0, 0.5, 3.0, None)]}
    }
    assert (history.attempts, history.rows, history.strange) == (2, 5, 0)
    assert not history.unended


def test_rows_may_come_in_any_order_and_more_than_once(read: Any) -> None:
    rows = [row("enqueued", **ENQUEUED), row("dispatched", attempt=1, pool="p"), ended()]
    history = read(*reversed(rows), *rows)
    assert history.ended == {"p": {"web": [Ended(2.0, 0.5, 3.0, None)]}}
    assert not history.unended


def test_attempts_without_an_end_are_counted(read: Any) -> None:
    history = read(
        row("enqueued", **ENQUEUED),
        row("dispatched", attempt=1, pool="p"),
        row("recovered", attempt=1, runner="r"),
        row("dispatched", attempt=2, pool="q"),
        row("dead_lettered", attempt=2, reason="attempts_spent", error=None),
    )
    assert history.unended == {"p": 1, "q": 1}
    assert history.attempts == 0


def test_attempts_of_unknown_tasks_are_counted(read: Any) -> None:
    history = read(ended())
    assert (history.strange, history.ended) == (1, {})


def test_malformed_rows_are_named_and_the_rest_is_read(read: Any) -> None:
    history = read(
        row("enqueued", **ENQUEUED),
        "{",
        "[]",
        json.dumps({"event_type": "completed"}),
        ended(latency=-1),
        ended(cost="dear"),
        ended(error="odd"),
        "",
        row("cancelled"),
        row("something newer"),
        ended(),
    )
    assert history.attempts == 1
    assert history.faults.count == 6
    assert [one.line for one in history.faults.first] == [2, 3, 4, 5, 6, 7]
    assert history.faults.first[2].reason == "it has no 'task_id'"


@pytest.mark.parametrize(("text", "words"), [(b"", "no row"), (b"\xff\xfe", "UTF-8"), (b"x", "no")])
def test_what_is_no_history_is_refused(tmp_path: Path, text: bytes, words: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(text)
    with pytest.raises(CallerError, match=f"TRX-C160: .*{words}"):
        read_history(path)
    with pytest.raises(CallerError, match=r"TRX-C160: .*No such file"):
        read_history(tmp_path / "nowhere")
