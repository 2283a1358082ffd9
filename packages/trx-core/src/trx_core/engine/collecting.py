"""Feeds the schedule log to every metric collector, and puts the blame on those that fail."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from trx_core.engine.feed import LEFT_ALONE, Feed, Loss, NamedCollector
from trx_core.errors import PluginError, describe
from trx_core.models import LogEntry
from trx_core.policy import BreakerPolicy

__all__ = ["CollectorWatcher", "Collectors"]

MOST_WAITING: Final = 100_000

logger = logging.getLogger(__name__)


class CollectorWatcher(Protocol):
    """Is told what becomes of the entries; must be quick, and safe to call from threads."""

    def collected(self, collector: NamedCollector, entries: int) -> None:
        """The collector has taken in so many."""
        ...

    def lost(self, collector: NamedCollector, entries: int, why: Loss) -> None:
        """So many did not reach it."""
        ...


class Collectors:
    """Hands the log to collectors without ever waiting for one, unless asked to be patient.

    Attributes:
        lost: entries that did not reach a collector, by its name and the reason.

    What a collector raises goes to the log with its name and its distribution's, as does its
    falling behind, once.

    Args:
        collectors: who takes the log in.
        patience: seconds to wait for one that has fallen behind before its entries are lost; the
            lab can wait, the service cannot.
        most_waiting: entries that may wait for each.
        breaker: when one that raises is left alone.
        watcher: is told what becomes of the entries.
    """

    def __init__(
        self,
        collectors: Sequence[NamedCollector],
        *,
        patience: float = 0.0,
        most_waiting: int = MOST_WAITING,
        breaker: BreakerPolicy = LEFT_ALONE,
        watcher: CollectorWatcher | None = None,
    ) -> None:
        self.lost: Counter[tuple[str, Loss]] = Counter()
        self._patience = patience
        self._watcher = watcher
        self._behind: set[str] = set()
        self._feeds = [
            Feed(
                named,
                most=most_waiting,
                on_taken=partial(self._took, named),
                on_loss=partial(self._lost, named),
                breaker=breaker,
            )
            for named in collectors
        ]

    @property
    def named(self) -> Sequence[NamedCollector]:
        """The collectors."""
        return [feed.named for feed in self._feeds]

    def observe(self, entries: Sequence[LogEntry]) -> None:
        """Have a batch taken in: each collector gets one of its own, and may do with it what it
        likes."""
        if entries:
            for feed in self._feeds:
                feed.add(_copied(entries), self._patience)

    def close(self, within: float) -> None:
        """Have everything taken in and the collectors closed, within so many seconds in all."""
        deadline = time.monotonic() + within
        for feed in self._feeds:
            feed.close(max(0.0, deadline - time.monotonic()))

    def _took(self, named: NamedCollector, entries: int) -> None:
        self._behind.discard(named.name)
        if self._watcher is not None:
            self._watcher.collected(named, entries)

    def _lost(
        self, named: NamedCollector, why: Loss, entries: int, error: BaseException | None
    ) -> None:
        self.lost[named.name, why] += entries
        if self._watcher is not None:
            self._watcher.lost(named, entries, why)
        if error is not None:
            _say(named, f"raised {describe(error)}", "TRX-P150", RAISED)
        elif why is Loss.FELL_BEHIND and named.name not in self._behind:
            self._behind.add(named.name)
            _say(named, "takes the log in too slowly", "TRX-P151", BEHIND)


def _copied(entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
    return tuple(LogEntry(task, at, event, dict(more)) for task, at, event, more in entries)


RAISED: Final = "The entries of this batch are lost to it; after five such in a row it gets a rest."
BEHIND: Final = "What does not fit its queue is lost to it. Do less in observe(), or do it later."


def _say(named: NamedCollector, what: str, code: str, hint: str) -> None:
    line = " ".join(what.split()).rstrip(".")
    who = f"metric collector {named.name!r} ({named.provider})"
    error = PluginError(f"{who} {line}.", code=code, hint=hint)
    logger.warning("%s", error, extra={"collector": named.name})
