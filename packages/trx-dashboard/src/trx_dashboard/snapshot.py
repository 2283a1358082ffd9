"""What the live view shows: read at one moment, and how it moved until then."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from trx_core.models import TaskStatus
from trx_dashboard.api import Api, Json, Token
from trx_dashboard.faults import Fault, FaultKind
from trx_dashboard.formats import between, quantile

__all__ = ["SAMPLE", "History", "Snapshot", "Waits", "read_snapshot"]

SAMPLE: Final = 200
"""Of how many tasks the waiting times are taken."""

REMEMBERED: Final = 120
MINUTE: Final = 60.0


class Waits(NamedTuple):
    """Waiting times of the newest completed tasks, seconds; ``None`` when there is no such task."""

    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The service at one moment.

    Attributes:
        at: when it was read.
        stats: as the API has them.
        pools: the worker pools.
        tasks: the newest that pass the filters; a fault if the filters are not valid.
        waits: from acceptance to the first start.
    """

    at: datetime
    stats: Json
    pools: Sequence[Json]
    tasks: Sequence[Json] | Fault
    waits: Waits

    @property
    def throughput(self) -> float:
        """Tasks completed per second, over the last minute."""
        return float(self.stats["last_minute"].get("completed", 0)) / MINUTE

    @property
    def depth(self) -> int | None:
        """Entries of the queue; ``None`` while Redis is away."""
        queue = self.stats["queue"]
        return None if queue is None else int(queue["total"])


def _line() -> deque[float]:
    return deque(maxlen=REMEMBERED)


@dataclass(frozen=True, slots=True)
class History:
    """How some numbers moved while the view was open, the newest last; what is not known, is 0."""

    throughput: deque[float] = field(default_factory=_line)
    depth: deque[float] = field(default_factory=_line)
    wait: deque[float] = field(default_factory=_line)
    oldest: deque[float] = field(default_factory=_line)

    def add(self, snapshot: Snapshot) -> None:
        """Remember a snapshot's numbers."""
        self.throughput.append(snapshot.throughput)
        self.depth.append(snapshot.depth or 0)
        self.wait.append(snapshot.waits.median or 0.0)
        self.oldest.append(snapshot.stats["oldest_queued"] or 0.0)


def read_snapshot(api: Api, token: Token, limit: int, filters: Json) -> Snapshot | Fault:
    """Ask for everything that the live view shows; the first fault ends it.

    Args:
        api: to ask.
        token: of who asks.
        limit: how many tasks to list.
        filters: of those tasks, as the API has them.
    """
    stats = api.stats(token)
    if isinstance(stats, Fault):
        return stats
    pools = api.pools(token)
    if isinstance(pools, Fault):
        return pools
    completed = api.tasks(token, SAMPLE, {"status": TaskStatus.COMPLETED.value})
    if isinstance(completed, Fault):
        return completed
    tasks = api.tasks(token, limit, filters)
    if isinstance(tasks, Fault) and tasks.kind is not FaultKind.REFUSED:
        return tasks
    return Snapshot(datetime.now(UTC), stats, pools, tasks, _waits(completed))


def _waits(tasks: Sequence[Json]) -> Waits:
    found = [between(task["enqueued_at"], task["started_at"]) for task in tasks]
    known = [wait for wait in found if wait is not None]
    return Waits(quantile(known, 0.5), quantile(known, 0.95))
