"""Which queue entries stand for the tasks that a runner holds."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from trx_core.protocols import Delivery

__all__ = ["Receipts"]


class Receipts:
    """Task → receipts; a task that was delivered twice has two."""

    def __init__(self) -> None:
        self._by_task: dict[UUID, list[str]] = {}

    def __len__(self) -> int:
        """Tasks that are held."""
        return len(self._by_task)

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Note what was delivered."""
        for delivery in deliveries:
            if delivery.task is not None:
                known = self._by_task.setdefault(delivery.task.id, [])
                if delivery.receipt not in known:
                    known.append(delivery.receipt)

    def take(self, tasks: Iterable[UUID]) -> list[str]:
        """The receipts of ``tasks``, which are held no more."""
        return [receipt for task in tasks for receipt in self._by_task.pop(task, ())]

    def lose(self, lost: Iterable[str]) -> list[UUID]:
        """Forget receipts that are ours no more; the tasks that have none left."""
        gone = set(lost)
        orphans = []
        for task, receipts in list(self._by_task.items()):
            if gone.isdisjoint(receipts):
                continue
            receipts[:] = [receipt for receipt in receipts if receipt not in gone]
            if not receipts:
                del self._by_task[task]
                orphans.append(task)
        return orphans

    def all(self) -> list[str]:
        """Every receipt."""
        return [receipt for receipts in self._by_task.values() for receipt in receipts]
