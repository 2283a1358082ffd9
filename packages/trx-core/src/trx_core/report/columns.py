"""What a fold keeps: a row per task, in columns, and sums per pool."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import IntEnum
from itertools import filterfalse
from typing import Final
from uuid import UUID

__all__ = ["NONE", "AttemptColumns", "Ending", "Names", "PoolTotals", "TaskColumns"]

NONE: Final = -1
_NAN: Final = float("nan")


class Ending(IntEnum):
    """How a task ended."""

    OPEN = 0
    COMPLETED = 1
    FAILED = 2
    CANCELLED = 3


class Names:
    """Numbers names in the order in which they are met."""

    __slots__ = ("codes",)

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def code(self, name: str) -> int:
        """The number of ``name``, from 0."""
        return self.codes.setdefault(name, len(self.codes))


class PoolTotals:
    """Sums over the attempts of one pool; ``code`` is its number in the tasks' column."""

    __slots__ = ("attempts", "code", "cost")

    def __init__(self, code: int) -> None:
        self.code = code
        self.attempts = 0
        self.cost = 0.0


class AttemptColumns:
    """A row per attempt that has ended: its pool's number, its slots, and from when to when
    (seconds) it occupied them."""

    __slots__ = ("ended", "pool", "slots", "started")

    def __init__(self) -> None:
        self.pool = array("i")
        self.slots = array("i")
        self.started = array("d")
        self.ended = array("d")

    def add(self, pool: int, slots: int, started: float, ended: float) -> None:
        """One more row."""
        self.pool.append(pool)
        self.slots.append(slots)
        self.started.append(started)
        self.ended.append(ended)


class TaskColumns:
    """A row per task.

    ``placed`` and ``closed`` are sets of attempt numbers, as bits: an entry that comes again finds
    its bit taken. Times are seconds, NaN while unknown; codes are ``NONE`` while unknown.
    ``service`` is how long the attempt took that completed the task.
    """

    __slots__ = (
        "_codes",
        "algorithm",
        "closed",
        "deadline",
        "dispatched",
        "ended",
        "ending",
        "enqueued",
        "latest",
        "placed",
        "pool",
        "reason",
        "region",
        "retries",
        "rows",
        "service",
        "tenant",
        "times",
    )

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}
        self.enqueued = array("d")
        self.dispatched = array("d")
        self.ended = array("d")
        self.service = array("d")
        self.deadline = array("d")
        self.ending = array("b")
        self.latest = array("i")
        self.retries = array("i")
        self.reason = array("i")
        self.pool = array("i")
        self.algorithm = array("i")
        self.region = array("i")
        self.tenant = array("i")
        self.placed: list[int] = []
        self.closed: list[int] = []
        self.times = (self.enqueued, self.dispatched, self.ended, self.service, self.deadline)
        self._codes = (self.reason, self.pool, self.algorithm, self.region, self.tenant)

    def row(self, task_id: UUID) -> int:
        """The row of a task, made when it is first asked for."""
        key = task_id.int
        row = self.rows.get(key)
        return self.add([key])[0] if row is None else row

    def add(self, keys: Sequence[int]) -> Sequence[int]:
        """The rows of tasks by the integers of their ids, made for those that are new."""
        rows = self.rows
        known = len(rows)
        new = list(filterfalse(rows.__contains__, keys))
        count = len(new)
        if count:
            rows.update(zip(new, range(known, known + count), strict=True))
            for times in self.times:
                times.extend(array("d", [_NAN]) * count)
            for codes in self._codes:
                codes.extend(array("i", [NONE]) * count)
            for numbers in (self.latest, self.retries):
                numbers.extend(array("i", [0]) * count)
            self.ending += array("b", [Ending.OPEN]) * count
            self.placed += [0] * count
            self.closed += [0] * count
        return range(known, known + count) if count == len(keys) else [rows[key] for key in keys]
