"""Reads the schedule log of a service, as ``trx logs`` writes it: one row in JSON a line."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from trx_core.errors import CallerError
from trx_core.models import ErrorKind, EventType
from trx_core.protocols import BadRow
from trx_core.traffic import Faults

__all__ = ["Ended", "History", "read_history"]

KINDS: Final = frozenset(ErrorKind)


class Ended(NamedTuple):
    """An attempt that ended.

    Attributes:
        cost: of its task, work units.
        seconds: that it took.
        money: that it cost.
        error: kind of its failure; ``None``: it succeeded.
    """

    cost: float
    seconds: float
    money: float
    error: ErrorKind | None


class _Known(NamedTuple):
    type: str
    cost: float


@dataclass
class History:
    """What a log tells of attempts.

    Attributes:
        ended: pool → task type → attempts that ended.
        unended: pool → attempts whose end the log does not tell: they ran on when it was read, or
            were lost with their runner. They are longer than the others, as a rule.
        strange: attempts of tasks whose acceptance is not in the log; their type is not known.
        rows: that were read.
        faults: rows that could not be.
    """

    ended: dict[str, dict[str, list[Ended]]] = field(default_factory=dict)
    unended: Counter[str] = field(default_factory=Counter)
    strange: int = 0
    rows: int = 0
    faults: Faults = field(default_factory=Faults)

    @property
    def attempts(self) -> int:
        """Attempts that ended and whose type is known."""
        return sum(len(some) for types in self.ended.values() for some in types.values())


def read_history(path: Path) -> History:
    """Everything that a log tells of attempts; rows may come in any order, and more than once.

    Raises:
        CallerError: ``TRX-C160``, the file cannot be read, or has no row of a schedule log.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            history = _Reading().read(lines)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CallerError(
            f"history {str(path)!r} cannot be read: {reason}.", code="TRX-C160"
        ) from None
    if not history.rows:
        raise CallerError(
            f"{str(path)!r} has no row of a schedule log.",
            code="TRX-C160",
            hint="`trx logs` writes one.",
        )
    return history


class _Reading:
    def __init__(self) -> None:
        self._history = History()
        self._tasks: dict[str, _Known] = {}
        self._open: dict[tuple[str, int], str] = {}
        self._closed: set[tuple[str, int]] = set()
        self._waiting: list[tuple[str, str, Mapping[str, Any]]] = []
        self._take: Mapping[str, Callable[[str, Mapping[str, Any]], None]] = {
            EventType.ENQUEUED: self._enqueued,
            EventType.DISPATCHED: self._dispatched,
            EventType.COMPLETED: self._ended,
            EventType.RETRIED: self._ended,
            EventType.DEAD_LETTERED: self._ended,
        }

    def read(self, lines: Iterable[str]) -> History:
        history = self._history
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                self._row(json.loads(line))
                history.rows += 1
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                said = f"it has no {error}" if isinstance(error, KeyError) else str(error)
                history.faults.add(BadRow(number, said))
        for task, pool, details in self._waiting:
            self._note(task, pool, details)
        for key, pool in self._open.items():
            if key not in self._closed:
                history.unended[pool] += 1
        return history

    def _row(self, row: Any) -> None:
        if not isinstance(row, Mapping):
            raise ValueError("it is no JSON object")
        take = self._take.get(row["event_type"])
        task, details = str(row["task_id"]), row["details"]
        if not isinstance(details, Mapping):
            raise ValueError("its details are no JSON object")
        if take is not None:
            take(task, details)

    def _enqueued(self, task: str, details: Mapping[str, Any]) -> None:
        self._tasks[task] = _Known(str(details["type"]), _measure(details, "cost"))

    def _dispatched(self, task: str, details: Mapping[str, Any]) -> None:
        self._open[task, int(details["attempt"])] = str(details["pool"])

    def _ended(self, task: str, details: Mapping[str, Any]) -> None:
        key = task, int(details["attempt"])
        if key in self._closed or details.get("latency") is None:
            return
        pool = str(details["pool"])
        _attempt(details, _Known("", 0.0))
        self._closed.add(key)
        if task in self._tasks:
            self._note(task, pool, details)
        else:
            self._waiting.append((task, pool, details))

    def _note(self, task: str, pool: str, details: Mapping[str, Any]) -> None:
        known = self._tasks.get(task)
        if known is None:
            self._history.strange += 1
            return
        some = self._history.ended.setdefault(pool, {}).setdefault(known.type, [])
        some.append(_attempt(details, known))


def _attempt(details: Mapping[str, Any], task: _Known) -> Ended:
    error = details.get("error")
    if error is not None and error not in KINDS:
        raise ValueError(f"there is no error {error!r}")
    seconds, money = _measure(details, "latency"), _measure(details, "cost")
    return Ended(task.cost, seconds, money, None if error is None else ErrorKind(error))


def _measure(details: Mapping[str, Any], name: str) -> float:
    value = details[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"its {name} is no number")
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"its {name} is {value}")
    return float(value)
