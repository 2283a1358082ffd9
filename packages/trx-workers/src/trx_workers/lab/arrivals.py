"""Tasks on their way into the lab, drawn a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import inf
from typing import Final

from trx_core.models import Task

__all__ = ["BLOCK", "Arrivals"]

BLOCK: Final = 2048
"""Tasks that are drawn ahead of their time, at most."""


class Arrivals:
    """Tasks in the order of ``enqueued_at``.

    Attributes:
        next_at: when the next one arrives, seconds; infinity if none does.

    Args:
        tasks: drawn block by block, so that a long trace is never in memory as a whole.
        on_block: is shown every block before its first task arrives.
    """

    __slots__ = ("_block", "_index", "_on_block", "_tasks", "next_at")

    def __init__(self, tasks: Iterable[Task], on_block: Callable[[Sequence[Task]], None]) -> None:
        self._tasks = iter(tasks)
        self._on_block = on_block
        self._block: list[Task] = []
        self._index = 0
        self.next_at = inf
        self._draw()

    def take(self, now: float) -> list[Task]:
        """Everything that has arrived by ``now``."""
        taken = []
        while self.next_at <= now:
            block, index = self._block, self._index + 1
            taken.append(block[index - 1])
            if index < len(block):
                self._index, self.next_at = index, block[index].enqueued_at
            else:
                self._draw()
        return taken

    def _draw(self) -> None:
        self._block, self._index = list(islice(self._tasks, BLOCK)), 0
        self.next_at = self._block[0].enqueued_at if self._block else inf
        if self._block:
            self._on_block(self._block)
