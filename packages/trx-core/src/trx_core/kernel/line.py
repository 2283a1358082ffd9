"""Waiting tasks in the order in which they choose."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from trx_core.models import Task
from trx_core.routing import Urgency

__all__ = ["Line"]


class Line:
    """A sorted line of tasks. Joining costs O(log n) comparisons, most often at its end; leaving
    costs nothing to speak of at its head.

    Who is alone is not ranked.

    Attributes:
        tasks: the most urgent first; not to be changed.

    Args:
        urgency: what it is sorted by; different for any two tasks.
    """

    __slots__ = ("_ranks", "_urgency", "tasks")

    def __init__(self, urgency: Urgency) -> None:
        self.tasks: list[Task] = []
        self._urgency = urgency
        self._ranks: list[Any] = []

    def join(self, task: Task) -> None:
        """Stand in line."""
        tasks, ranks = self.tasks, self._ranks
        if not tasks:
            tasks.append(task)
            return
        rank = self._urgency(task)
        if not ranks:
            ranks.append(self._urgency(tasks[0]))
        index = len(ranks) if ranks[-1] < rank else bisect_left(ranks, rank)
        ranks.insert(index, rank)
        tasks.insert(index, task)

    def leave(self, task: Task) -> None:
        """Stand in line no more; the task must."""
        tasks, ranks, index = self.tasks, self._ranks, 0
        if tasks[0] is not task:
            index = bisect_left(ranks, self._urgency(task))
        del tasks[index]
        if ranks:
            del ranks[index]
