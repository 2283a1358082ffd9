"""A decision round as a transportation problem: tasks that cost the same make one class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trx_algorithms.flow.problem import Floats, Ints, Problem
from trx_core.models import Task
from trx_core.routing import RoutingProblem

__all__ = ["Grouping", "group"]


class Grouping(NamedTuple):
    """K classes of tasks; a unit is a slot's worth of a task.

    Attributes:
        problem: what is to be solved; its costs are by slot.
        kind: [T] class of each task.
        slots: [K] slots that a task of each class needs.
        hold: [T] price of holding each task.
    """

    problem: Problem
    kind: Ints
    slots: Ints
    hold: Floats

    @property
    def single(self) -> bool:
        """Whether every task needs one slot, so that the problem is the round itself."""
        return bool(np.all(self.slots == 1))


def group(problem: RoutingProblem) -> Grouping:
    """Put tasks of the same type, region (bound to it or not), resource type, size and slots into
    one class.

    Their costs and their eligibility are equal then; their prices of holding need not be. Takes
    O(T log T + K·P) time and O(T + K·P) memory.
    """
    codes: dict[tuple[object, ...], int] = {}
    firsts: list[Task] = []
    kinds: list[int] = []
    for task in problem.tasks:
        bound = task.region_required
        key = (task.type, task.region, bound, task.resource_type, task.cost, task.slots)
        kind = codes.get(key)
        if kind is None:
            kind = codes[key] = len(firsts)
            firsts.append(task)
        kinds.append(kind)
    one_each = problem.of(firsts)
    slots = one_each.slots[:, None]
    possible = one_each.eligible & (slots <= one_each.free)
    kind_of = np.array(kinds, dtype=np.int64)
    hold = one_each.least[kind_of] + problem.patience
    return Grouping(
        Problem(
            np.where(possible, one_each.cost / slots, np.inf),
            one_each.free,
            *_ladder(kind_of, hold / problem.slots, problem.slots, len(firsts)),
        ),
        kind_of,
        one_each.slots,
        hold,
    )


class _Ladder(NamedTuple):
    start: Ints
    price: np.ndarray
    amount: Ints


def _ladder(kind: Ints, hold: np.ndarray, slots: Ints, kinds: int) -> _Ladder:
    """The rungs of each class: tasks of equal price to hold are one."""
    order = np.lexsort((hold, kind))
    kind, hold = kind[order], hold[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (kind[1:] != kind[:-1]) | (hold[1:] != hold[:-1])
    starts = np.flatnonzero(first)
    amount = np.add.reduceat(slots[order], starts) if len(starts) else np.empty(0, np.int64)
    return _Ladder(np.searchsorted(kind[starts], np.arange(kinds + 1)), hold[starts], amount)
