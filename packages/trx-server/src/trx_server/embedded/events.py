"""What a supervisor tells about its processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

__all__ = ["EventKind", "ProcessEvent", "Report"]


class EventKind(Enum):
    """The turns in the life of a supervised process."""

    STARTED = "started"
    READY = "ready"
    EXITED = "exited"
    RESTARTING = "restarting"
    GAVE_UP = "gave up"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """One turn in the life of a supervised process.

    Attributes:
        name: the process.
        kind: what happened to it.
        pid: its process id, if it has one.
        exit_code: how it ended (minus the signal's number if by a signal), if it did.
        detail: the same in words, or the reason.
    """

    name: str
    kind: EventKind
    pid: int | None = None
    exit_code: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.kind.value}" + (f" ({self.detail})" if self.detail else "")


Report = Callable[[ProcessEvent], None]
"""Called in the supervisor's event loop at every event; must not block or raise."""
