"""What a fold keeps: a row per task, in columns, and sums per pool."""

from __future__ import annotations

from array import array
from enum import IntEnum
from typing import Final
from uuid import UUID

__all__ = ["NONE", "Ending", "Names", "PoolTotals", "TaskColumns"]

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

    __slots__ = ("attempts", "busy", "code", "cost")

    def __init__(self, code: int) -> None:
        self.code = code
        self.attempts = 0
        self.busy = 0.0
        self.cost = 0.0


class TaskColumns:
    """A row per task.

    ``placed`` and ``closed`` are sets of attempt numbers, as bits: an entry that comes again finds
    its bit taken. Times are seconds, NaN while unknown; codes are ``NONE`` while unknown.
    """

    __slots__ = (
        "algorithm",
        "closed",
        "dispatched",
        "ended",
        "ending",
        "enqueued",
        "latest",
        "placed",
        "pool",
        "reason",
        "retries",
        "rows",
    )

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}
        self.enqueued = array("d")
        self.dispatched = array("d")
        self.ended = array("d")
        self.ending = array("b")
        self.latest = array("i")
        self.retries = array("i")
        self.reason = array("i")
        self.pool = array("i")
        self.algorithm = array("i")
        self.placed: list[int] = []
        self.closed: list[int] = []

    def row(self, task_id: UUID) -> int:
        """The row of a task, made when it is first asked for."""
        key = task_id.int
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = len(self.rows)
            for times in (self.enqueued, self.dispatched, self.ended):
                times.append(_NAN)
            for codes in (self.reason, self.pool, self.algorithm):
                codes.append(NONE)
            for counts in (self.ending, self.latest, self.retries, self.placed, self.closed):
                counts.append(0)
        return row
