"""What came of a replay, as a value and on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from rich.console import Console
from rich.text import Text

from trx_core.protocols import BadRow
from trx_core.report import Summary, render
from trx_core.traffic import Alike, say_rows

__all__ = ["ReplayResult", "show"]

LATE: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """What came of a replay.

    Attributes:
        accepted: tasks that the API accepted.
        open: accepted tasks that have not ended, at most ten of them.
        open_count: how many.
        malformed: rows of the trace that could not be read.
        malformed_first: the first few reasons.
        malformed_listed: the first 1,000 of them one by one.
        refused: rows that the API refused.
        refused_first: the first few reasons.
        refused_listed: the first 1,000 of them one by one.
        uncertain: tasks that were sent and of which it is not known whether they were accepted.
        last_loss: why, the last time.
        late: most seconds by which the traffic fell behind its schedule.
        gave_up: why the wait for open tasks ended; ``None`` when there was none left.
        summary: the schedule log of the accepted tasks, in numbers.
    """

    accepted: int
    open: Sequence[UUID]
    open_count: int
    malformed: int
    malformed_first: Sequence[Alike]
    malformed_listed: Sequence[BadRow]
    refused: int
    refused_first: Sequence[Alike]
    refused_listed: Sequence[BadRow]
    uncertain: int
    last_loss: str | None
    late: float
    gave_up: str | None
    summary: Summary

    @property
    def ok(self) -> bool:
        """Whether tasks were accepted, every one of them ended, and none was refused or lost.

        Rows of a trace that could not be read do not count: they never were tasks.
        """
        return self.accepted > 0 and not (self.open_count or self.refused or self.uncertain)

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object; keys of quantities end in their unit."""
        return {
            "ok": self.ok,
            "accepted": self.accepted,
            "open": self.open_count,
            "malformed_rows": self.malformed,
            "malformed_first": [alike._asdict() for alike in self.malformed_first],
            "malformed_listed": [row._asdict() for row in self.malformed_listed],
            "refused_rows": self.refused,
            "refused_first": [alike._asdict() for alike in self.refused_first],
            "refused_listed": [row._asdict() for row in self.refused_listed],
            "uncertain": self.uncertain,
            "late_seconds": self.late,
            "gave_up": self.gave_up,
            "summary": self.summary.to_dict(),
        }


def show(result: ReplayResult, title: str, console: Console) -> None:
    """Print the table, and a line for each thing that was not as it should be."""
    console.print(render(result.summary, title))
    for note, style in _notes(result):
        console.print(Text(note, style=style))


def _notes(result: ReplayResult) -> Iterator[tuple[str, str]]:
    if result.malformed:
        yield say_rows("could not be read", result.malformed, result.malformed_first), "yellow"
    if result.refused:
        yield say_rows("were refused", result.refused, result.refused_first), "red"
    if result.late > LATE:
        yield f"The traffic fell behind its schedule, by {result.late:.1f} s at most.", "yellow"
    if result.uncertain:
        yield (
            f"Of {result.uncertain:,} tasks it is not known whether they were accepted: "
            f"{result.last_loss}",
            "red",
        )
    if result.open_count:
        yield (
            f"{result.open_count:,} accepted tasks have not ended ({result.gave_up}), "
            f"{result.open[0]} among them.",
            "red",
        )
    if not result.accepted:
        yield "No task was accepted.", "red"
