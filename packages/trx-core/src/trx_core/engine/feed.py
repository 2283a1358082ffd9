"""One metric collector, fed by a thread of its own."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from trx_core.models import LogEntry
from trx_core.policy import BreakerPolicy, CircuitBreaker
from trx_core.protocols import Closing, MetricCollector
from trx_core.routing import Breaker

__all__ = ["Feed", "Loss", "NamedCollector"]

LEFT_ALONE: Final = BreakerPolicy(failures=5, cooldown=30.0)


class Loss(StrEnum):
    """Why entries of the log did not reach a collector."""

    RAISED = "raised"
    FELL_BEHIND = "fell_behind"
    LEFT_ALONE = "left_alone"


class NamedCollector(NamedTuple):
    """A metric collector, and who answers for it.

    Attributes:
        name: as registered.
        provider: plugin, distribution and version, for people.
        collector: the object that takes the entries in.
        distribution: what installed it; empty where that is not known.
        numbers: where it declares its numbers to be; ``None`` if nowhere.
        exposes: whether it declares ``collect()``, for Prometheus.
    """

    name: str
    provider: str
    collector: MetricCollector
    distribution: str = ""
    numbers: str | None = None
    exposes: bool = False


class Feed:
    """Hands batches over in their order; whoever adds them does not wait for the collector.

    A batch that makes the collector raise is lost to it. One that raises again and again is left
    alone for a while, and what comes then is lost, too; so is what comes while it has ``most``
    entries before it.

    Args:
        named: the collector.
        most: entries that may wait.
        on_taken: is told how many entries the collector has taken in.
        on_loss: is told of each loss: why, how many entries, and what was raised.
        breaker: when it is left alone.
    """

    def __init__(
        self,
        named: NamedCollector,
        *,
        most: int,
        on_taken: Callable[[int], None],
        on_loss: Callable[[Loss, int, BaseException | None], None],
        breaker: BreakerPolicy = LEFT_ALONE,
    ) -> None:
        self.named = named
        self._most = most
        self._on_taken = on_taken
        self._on_loss = on_loss
        self._breaker = CircuitBreaker(breaker)
        self._batches: deque[Sequence[LogEntry]] = deque()
        self._waiting = 0
        self._behind = False
        self._ending = False
        self._news = threading.Condition()
        name = f"collector {named.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def add(self, entries: Sequence[LogEntry], patience: float = 0.0) -> None:
        """Have entries taken in.

        Args:
            entries: a batch that nobody changes any more.
            patience: seconds to wait for room; one that has fallen behind is not waited for again
                until it has caught up.
        """
        with self._news:
            if self._has_room or (patience and not self._behind and self._wait(patience)):
                self._behind = False
                self._batches.append(entries)
                self._waiting += len(entries)
                self._news.notify_all()
                return
            self._behind = True
        self._on_loss(Loss.FELL_BEHIND, len(entries), None)

    def close(self, within: float) -> None:
        """Have what waits taken in, and the collector closed; give up after ``within`` seconds."""
        with self._news:
            self._ending = True
            self._news.notify_all()
        self._thread.join(within)
        with self._news:
            left, self._waiting = self._waiting, 0
            self._batches.clear()
        if left:
            self._on_loss(Loss.FELL_BEHIND, left, None)

    @property
    def is_open(self) -> bool:
        """Whether the collector is left alone."""
        return self._breaker.state is Breaker.OPEN

    @property
    def _has_room(self) -> bool:
        return self._waiting < self._most

    def _wait(self, patience: float) -> bool:
        return self._news.wait_for(lambda: self._has_room, patience)

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._batches or self._ending)
                if not self._batches:
                    break
                batch = self._batches.popleft()
            self._take(batch)
            with self._news:
                self._waiting = max(0, self._waiting - len(batch))
                self._news.notify_all()
        self._try(self._close, 0)

    def _take(self, batch: Sequence[LogEntry]) -> None:
        self._breaker.cool(time.monotonic())
        if self.is_open:
            self._on_loss(Loss.LEFT_ALONE, len(batch), None)
        elif self._try(partial(self._observe, batch), len(batch)):
            self._on_taken(len(batch))

    def _observe(self, batch: Sequence[LogEntry]) -> None:
        self.named.collector.observe(batch)

    def _close(self) -> None:
        if isinstance(self.named.collector, Closing):
            self.named.collector.close()

    def _try(self, action: Callable[[], None], entries: int) -> bool:
        """Run the collector's code, in the feed's own thread: whatever it raises is its own."""
        try:
            action()
        except BaseException as error:
            self._breaker.observe(False, time.monotonic())
            self._on_loss(Loss.RAISED, entries, error)
            return False
        self._breaker.observe(True, time.monotonic())
        return True
