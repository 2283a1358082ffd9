"""How a replay stands, polled from the API and shown on a terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import anyio
from rich.console import Console
from rich.live import Live
from rich.text import Text

from trx_core.errors import AdapterError
from trx_core.models import TaskStatus
from trx_server.client import Client

__all__ = ["Counts", "Progress"]

EVERY: Final = 0.5
LINE_EVERY: Final = 5.0
SHARE: Final = 10
"""A poll may take this part of the time at most."""

OVER: Final = 5.0
"""Seconds that a rate is an average of."""


class Counts(NamedTuple):
    """Tasks of the whole service by status."""

    queued: int
    processing: int
    completed: int
    failed: int
    cancelled: int

    @classmethod
    def of(cls, stats: Mapping[str, Any]) -> Counts:
        """As ``/system/stats`` tells them."""
        return cls(*(int(stats["tasks"].get(status, 0)) for status in TaskStatus))

    @property
    def open(self) -> int:
        """Tasks that have not ended."""
        return self.queued + self.processing

    @property
    def ended(self) -> int:
        """Tasks that have."""
        return self.completed + self.failed + self.cancelled


class Progress:
    """Polls the service's counts while :meth:`run` runs.

    Args:
        client: of the API.
        before: the counts before the replay.
        accepted: tells how many tasks were accepted so far.
        console: where to show it; ``None``: nowhere.
    """

    def __init__(
        self,
        client: Client,
        before: Counts,
        accepted: Callable[[], int],
        console: Console | None,
    ) -> None:
        self._client = client
        self._before = before
        self._accepted = accepted
        self._console = console
        self._started = anyio.current_time()
        self._ended: deque[tuple[float, int]] = deque([(self._started, 0)])
        self.now = before
        self.moved_at = self._started
        self.away: str | None = None

    @property
    def ended(self) -> int:
        """Tasks of the service that ended since the replay began."""
        return self.now.ended - self._before.ended

    async def run(self) -> None:
        """Poll, and show what is found, until it is cancelled."""
        if self._console is None or not self._console.is_terminal:
            await self._run(self._write_lines())
            return
        with Live(console=self._console, transient=True, auto_refresh=False) as live:
            await self._run(lambda: live.update(self._line(), refresh=True))

    async def poll(self) -> None:
        """Ask once; a server that does not answer leaves the counts as they were."""
        try:
            found = Counts.of(await self._client.stats())
        except AdapterError as error:
            self.away = error.message
            return
        self.away = None
        instant = anyio.current_time()
        if found.ended != self.now.ended:
            self.moved_at = instant
        self.now = found
        self._ended.append((instant, self.ended))
        while len(self._ended) > 2 and instant - self._ended[1][0] >= OVER:
            self._ended.popleft()

    async def _run(self, show: Callable[[], None]) -> None:
        while True:
            asked = anyio.current_time()
            await self.poll()
            show()
            await anyio.sleep(max(EVERY, SHARE * (anyio.current_time() - asked)))

    def _write_lines(self) -> Callable[[], None]:
        due = self._started + LINE_EVERY

        def write() -> None:
            nonlocal due
            if self._console is not None and anyio.current_time() >= due:
                due = anyio.current_time() + LINE_EVERY
                self._console.print(self._line())

        return write

    def _line(self) -> Text:
        (since, first), (until, last) = self._ended[0], self._ended[-1]
        rate = (last - first) / (until - since) if until > since else 0.0
        figures = (
            (f"{anyio.current_time() - self._started:,.0f}", "s"),
            (f"{self._accepted():,}", "accepted"),
            (f"{self.now.completed - self._before.completed:,}", "completed"),
            (f"{self.now.failed - self._before.failed:,}", "failed"),
            (f"{self.now.queued:,}", "waiting"),
            (f"{self.now.processing:,}", "running"),
            (f"{rate:,.0f}", "tasks/s"),
        )
        line = Text("  ").join(Text.assemble((n, "bold"), f" {unit}") for n, unit in figures)
        if self.away is not None:
            line.append(f"  {self.away}", style="yellow")
        return line
