"""Traces of batch systems in the standard workload format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Final

from trx_core.errors import CallerError
from trx_core.models import TaskRequest
from trx_core.models.task import Name
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import Parameters, param
from trx_workers.traces.lines import Line, read_lines
from trx_workers.traces.options import ReaderOptions, read_options
from trx_workers.traces.rows import converted
from trx_workers.traces.timing import in_order
from trx_workers.traffic.mix import Priority

__all__ = ["SwfReader"]

FORMAT: Final = "swf"
FIELDS: Final = (
    *("job", "submit_time", "wait_time", "run_time", "allocated_processors", "cpu_time"),
    *("used_memory", "requested_processors", "requested_time", "requested_memory", "status"),
    *("user", "group", "executable", "queue", "partition", "preceding_job", "think_time"),
)
"""In the order of the format."""

KEPT: Final = (*("job", "run_time", "status", "user", "group", "executable", "queue", "partition"),)
"""Fields that go into a task's metadata where the trace gives them."""

UNKNOWN: Final = -1.0
COMMENT: Final = ";"
HOUR: Final = 3600.0

LONGEST_HEADER: Final = 1000
"""Lines."""


class SwfOptions(ReaderOptions):
    """Options of the reader, the same for every job of the trace."""

    type: Name = param("job", "task type")
    priority: Priority = param(5, "priority of every task")
    region: Name | None = param(None, "where the tasks would like to run; null: anywhere")
    resource_type: Name | None = param(None, "the only resource type that will do; null: any")
    rebase: bool = param(False, "whether the first job arrives at 0; or when the trace says")


class SwfReader:
    """Reads the standard workload format (S. Chapin et al., "Benchmarks and standards for the
    evaluation of parallel job schedulers", JSSPP 1999), packed by gzip or not.

    A job of 18 numbers a line becomes a task: its slots are the processors requested, or else
    those allocated; its expected duration is the time requested, or else the run time; its size
    is the processor-seconds that it took, in hours. ``-1`` means that a number is not known. The
    run time and who submitted the job are kept in the metadata, as ``job``, ``run_time``,
    ``status``, ``user``, ``group``, ``executable``, ``queue`` and ``partition``; workers of kind
    ``recorded`` replay the run time. A job that never ran (its run time is not known) is told as a
    bad row. Time is put in order as :func:`~trx_workers.traces.timing.in_order` says.
    """

    parameters: ClassVar[type[Parameters]] = SwfOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the first line that is no comment has 18 numbers."""
        try:
            lines = islice(read_lines(path, packed=True), LONGEST_HEADER)
            first = next((line for line in lines if not _is_comment(line)), None)
            return isinstance(first, Line) and len(_numbers(first.text)) == len(FIELDS)
        except (CallerError, ValueError):
            return False

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The jobs, in the order of the file; see :class:`SwfOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
                ``TRX-C135``, an option is wrong.
        """
        given = read_options(SwfOptions, options, FORMAT)

        def convert(line: Line) -> tuple[float, TaskRequest]:
            job = _job(line.text)
            return job["submit_time"], _request(job, given)

        jobs = (line for line in read_lines(path, packed=True) if not _is_comment(line))
        rows = converted(jobs, convert, line_of=attrgetter("number"))
        return in_order(rows, jitter=given.jitter, rebase=given.rebase)


def _is_comment(line: Line | BadRow) -> bool:
    return isinstance(line, Line) and line.text.startswith(COMMENT)


def _numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def _job(text: str) -> dict[str, float]:
    """The fields that are known."""
    try:
        numbers = _numbers(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} does not consist of numbers") from None
    if len(numbers) != len(FIELDS):
        raise ValueError(f"it has {len(numbers)} fields, the format {len(FIELDS)}")
    job = {name: value for name, value in zip(FIELDS, numbers, strict=True) if value != UNKNOWN}
    for name in ("submit_time", "run_time"):
        if not 0 <= job.get(name, UNKNOWN) < float("inf"):
            raise ValueError(f"its {name} is {job.get(name, UNKNOWN):g}")
    return job


def _request(job: Mapping[str, float], options: SwfOptions) -> TaskRequest:
    slots = _first(job, "requested_processors", "allocated_processors")
    expected = _first(job, "requested_time", "run_time")
    return TaskRequest(
        type=options.type,
        priority=options.priority,
        cost=job["run_time"] * slots / HOUR,
        region=options.region,
        resource_type=options.resource_type,
        slots=_whole(slots),
        expected_duration=expected or None,
        metadata={name: _whole(job[name]) for name in KEPT if name in job},
    )


def _first(job: Mapping[str, float], *names: str) -> float:
    """The first of these fields that is above 0; 0 if none is."""
    return next((job[name] for name in names if job.get(name, UNKNOWN) > 0), 0.0)


def _whole(value: float) -> Any:
    return int(value) if value == int(value) else value
