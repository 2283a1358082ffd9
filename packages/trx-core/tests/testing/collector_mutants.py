"""Metric collectors that each break one rule, and one that breaks none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from trx_core.models import EventType, LogEntry

ENDINGS = frozenset({EventType.COMPLETED, EventType.DEAD_LETTERED, EventType.CANCELLED})


class Endings:
    """How many tasks ended, and what the attempts cost."""

    def __init__(self) -> None:
        self.ended: set[Any] = set()
        self.costs: dict[Any, float] = {}

    def observe(self, entries: Sequence[LogEntry]) -> None:
        for entry in entries:
            self.take(entry)

    def take(self, entry: LogEntry) -> None:
        if entry.event_type in ENDINGS:
            self.ended.add(entry.task_id)
        attempt = (entry.task_id, entry.event_type, entry.details.get("attempt"))
        self.costs[attempt] = entry.details.get("cost", 0.0)

    def numbers(self) -> dict[str, float]:
        return {"ended": len(self.ended), "cost": sum(self.costs.values())}


class KnowsNoRecovery(Endings):
    known = frozenset(EventType) - {EventType.RECOVERED}

    def take(self, entry: LogEntry) -> None:
        if entry.event_type in frozenset(EventType) - self.known:
            raise KeyError(entry.event_type)
        super().take(entry)


class NeedsEveryDetail(Endings):
    def take(self, entry: LogEntry) -> None:
        if entry.event_type is EventType.DISPATCHED:
            entry.details["pool"]
        super().take(entry)


class KnowsEveryKind(Endings):
    def take(self, entry: LogEntry) -> None:
        EventType(entry.event_type)
        super().take(entry)


class TakesDetailsOut(Endings):
    def take(self, entry: LogEntry) -> None:
        super().take(entry)
        if isinstance(entry.details, dict):
            entry.details.pop("cost", None)


class CountsNothing(Endings):
    def numbers(self) -> dict[str, float]:
        return {}


class ForgetsWhenItIsRead(Endings):
    def numbers(self) -> dict[str, float]:
        found = super().numbers()
        self.ended.clear()
        return found


class FillsUp(Endings):
    """Drops what comes after a thousand entries."""

    taken = 0

    def take(self, entry: LogEntry) -> None:
        self.taken += 1
        if self.taken <= 1000:
            super().take(entry)


class SharesItsNumbers(Endings):
    everywhere: ClassVar[set[Any]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.ended = self.everywhere


class OverlooksSingleEntries(Endings):
    def observe(self, entries: Sequence[LogEntry]) -> None:
        if len(entries) > 1:
            super().observe(entries)


class BelievesTheLast(Endings):
    """Keeps the pool of the attempt that it heard of last."""

    def __init__(self) -> None:
        super().__init__()
        self.pool: dict[Any, Any] = {}

    def take(self, entry: LogEntry) -> None:
        self.pool[entry.task_id] = entry.details.get("pool", self.pool.get(entry.task_id))
        super().take(entry)

    def numbers(self) -> Any:
        return dict(self.pool)


class CountsEveryEntry(Endings):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def take(self, entry: LogEntry) -> None:
        self.count += 1

    def numbers(self) -> dict[str, float]:
        return {"entries": self.count}


class AddsUpLater(Endings):
    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Sequence[LogEntry]] = []

    def observe(self, entries: Sequence[LogEntry]) -> None:
        self.batches.append(entries)

    def numbers(self) -> dict[str, float]:
        for batch in self.batches:
            super().observe(batch)
        return super().numbers()


class SortsItsBatch(Endings):
    def observe(self, entries: Sequence[LogEntry]) -> None:
        if isinstance(entries, list):
            entries.sort(key=lambda entry: entry.timestamp)
        super().observe(entries)


class Dozes(Endings):
    def observe(self, entries: Sequence[LogEntry]) -> None:
        time.sleep(0.0001)
        super().observe(entries)


class AddsUpAgainAndAgain(Endings):
    total = 0.0

    def take(self, entry: LogEntry) -> None:
        super().take(entry)
        self.total = sum(self.costs.values())
