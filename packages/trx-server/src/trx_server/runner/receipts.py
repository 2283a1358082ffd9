"""Which queue entries stand for the tasks that a runner holds."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from trx_core.models import Task
from trx_core.protocols import Delivery

__all__ = ["Receipts"]


class Receipts:
    """Task → receipts; a task that was delivered twice has two.

    A task whose attempt has ended is being closed until that is written down. Whatever is delivered
    of it meanwhile is a duplicate: to carry it out would be to repeat the same attempt.
    """

    def __init__(self) -> None:
        self._held: dict[UUID, list[str]] = {}
        self._closing: dict[UUID, list[str]] = {}

    def add(self, deliveries: Iterable[Delivery]) -> list[Task]:
        """Note what was delivered; the tasks that are not being closed."""
        tasks = []
        for receipt, task, *_ in deliveries:
            if task is None:
                continue
            closing = self._closing.get(task.id)
            known = self._held.setdefault(task.id, []) if closing is None else closing
            if receipt not in known:
                known.append(receipt)
            if closing is None:
                tasks.append(task)
        return tasks

    def take(self, tasks: Iterable[UUID]) -> list[str]:
        """The receipts of ``tasks``, which are held no more."""
        return [receipt for task in tasks for receipt in self._held.pop(task, ())]

    def close(self, tasks: Iterable[UUID]) -> None:
        """Note that the attempts of ``tasks`` have ended; their entries are kept alive still."""
        for task in tasks:
            self._closing.setdefault(task, []).extend(self._held.pop(task, ()))

    def closed(self, tasks: Iterable[UUID]) -> list[str]:
        """The receipts of ``tasks``, whose end is written down."""
        return [receipt for task in tasks for receipt in self._closing.pop(task, ())]

    def lose(self, lost: Iterable[str]) -> list[UUID]:
        """Forget receipts that are ours no more; the held tasks that have none left."""
        gone = set(lost)
        orphans = []
        for receipts in self._closing.values():
            receipts[:] = [receipt for receipt in receipts if receipt not in gone]
        for task, receipts in list(self._held.items()):
            if gone.isdisjoint(receipts):
                continue
            receipts[:] = [receipt for receipt in receipts if receipt not in gone]
            if not receipts:
                del self._held[task]
                orphans.append(task)
        return orphans

    def all(self) -> list[str]:
        """Every receipt."""
        tasks = (*self._held.values(), *self._closing.values())
        return [receipt for receipts in tasks for receipt in receipts]
