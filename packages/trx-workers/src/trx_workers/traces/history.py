"""The service's own history, as ``trx export`` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import Parameters, param
from trx_workers.traces.jsonl import first_object, objects
from trx_workers.traces.options import ReaderOptions, instant, read_options
from trx_workers.traces.records import FIELDS, Record, RecordOptions, arrivals_of
from trx_workers.traces.timing import in_order

__all__ = ["HistoryReader"]

FORMAT: Final = "trx-history"
MEMBERS: Final = frozenset({"id", "type", "status", "attempt", "enqueued_at", "completed_at"})


class HistoryOptions(ReaderOptions):
    """Options of the reader."""

    ended: bool = param(False, "whether only tasks that were completed are read")


class HistoryReader:
    """Reads the tasks of a service as its API tells them, one a line: what ``trx export`` writes.

    A task arrives when it was accepted, the first at 0, with the fields that it was submitted with;
    ``deadline_seconds`` is what its deadline left it then. If it was completed at the first
    attempt, how long that took is added to its metadata as ``run_time``, seconds, which workers of
    kind ``recorded`` replay.
    """

    parameters: ClassVar[type[Parameters]] = HistoryOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the first line is a task of the service."""
        return first_object(path).keys() >= MEMBERS

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The tasks, in the order of the file; see :class:`HistoryOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
                ``TRX-C135``, an option is wrong.
        """
        given = read_options(HistoryOptions, options, FORMAT)
        records = _records(objects(path), only_completed=given.ended)
        rows = arrivals_of(records, RecordOptions(), "enqueued_at")
        return in_order(rows, jitter=given.jitter, rebase=True)


def _records(
    found: Iterator[tuple[int, dict[str, Any]] | BadRow], *, only_completed: bool
) -> Iterator[Record | BadRow]:
    for one in found:
        if isinstance(one, BadRow):
            yield one
            continue
        line, task = one
        if only_completed and task.get("status") != "completed":
            continue
        try:
            yield Record(line, _values(task))
        except (TypeError, ValueError) as error:
            yield BadRow(line, str(error))


def _values(task: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: task[name] for name in FIELDS if task.get(name) is not None}
    values["enqueued_at"] = task.get("enqueued_at")
    if task.get("deadline") is not None:
        values["deadline_seconds"] = _between(task, "enqueued_at", "deadline")
    if task.get("status") == "completed" and task.get("attempt") == 1:
        taken = _between(task, "started_at", "completed_at")
        values["metadata"] = {**dict(task.get("metadata") or {}), "run_time": taken}
    return values


def _between(task: Mapping[str, Any], first: str, second: str) -> float:
    return (instant(str(task.get(second))) - instant(str(task.get(first)))).total_seconds()
