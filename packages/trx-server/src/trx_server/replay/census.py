"""Which accepted tasks have not ended, told from the schedule log."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final
from uuid import UUID

from trx_core.models import EventType
from trx_core.report import Fold
from trx_server.client import Client

__all__ = ["Census"]

ENDINGS: Final = frozenset({EventType.COMPLETED, EventType.DEAD_LETTERED, EventType.CANCELLED})
MARGIN: Final = 1.0


class Census:
    """Reads the schedule log of a run.

    Rows become visible in an order other than that of their ids, so that every reading starts
    where the run started; what comes again is not counted again.

    Args:
        tasks: the accepted tasks.
    """

    def __init__(self, tasks: AbstractSet[UUID]) -> None:
        self._tasks = tasks
        self.open = set(tasks)
        self.fold = Fold()

    async def read(self, client: Client) -> None:
        """Take in the log as it is now."""
        if not self._tasks:
            return
        async for page in client.log_pages(_made_at(min(self._tasks)) - MARGIN):
            entries = [entry for entry in page if entry.task_id in self._tasks]
            self.fold.observe(entries)
            self.open.difference_update(e.task_id for e in entries if e.event_type in ENDINGS)


def _made_at(identity: UUID) -> float:
    """The server's time in an id of version 7, seconds since the epoch (RFC 9562, 5.7)."""
    return (identity.int >> 80) / 1000
