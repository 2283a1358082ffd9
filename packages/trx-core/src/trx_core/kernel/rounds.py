"""One decision round on its way from the algorithm to the workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from trx_core.models import Attempt
from trx_core.routing import HOLD, Decision, RoutingProblem

__all__ = ["Round", "Stage", "admit", "placements", "slots_of"]


class Stage(Enum):
    """Which answer a round waits for."""

    DECISION = "decision"
    RESERVATION = "reservation"
    CLAIM = "claim"


@dataclass(slots=True)
class Round:
    """The open round.

    Attributes:
        number: from 1, unique within the kernel.
        problem: what was asked.
        stage: which answer it waits for.
        attempts: what has been placed and not been denied, most urgent first.
    """

    number: int
    problem: RoutingProblem
    stage: Stage = Stage.DECISION
    attempts: Sequence[Attempt] = field(default_factory=tuple)


def placements(
    problem: RoutingProblem, decision: Decision, pools: Sequence[int], algorithm: str
) -> list[Attempt]:
    """The attempts that a valid decision asks for, most urgent first.

    Args:
        problem: T tasks.
        decision: for its ``order``.
        pools: [T] pool index or ``HOLD``, checked.
        algorithm: who decided.
    """
    order = range(len(pools)) if decision.order is None else map(int, decision.order)
    views, tasks, now = problem.pools, problem.tasks, problem.now
    return [
        Attempt(tasks[row], views[pools[row]].pool, tasks[row].attempt + 1, algorithm, now)
        for row in order
        if pools[row] != HOLD
    ]


def slots_of(attempts: Iterable[Attempt]) -> Counter[UUID]:
    """Slots that the attempts occupy, by pool."""
    slots: Counter[UUID] = Counter()
    for attempt in attempts:
        slots[attempt.pool.id] += attempt.task.slots
    return slots


def admit(
    attempts: Iterable[Attempt], granted: Mapping[UUID, int]
) -> tuple[list[Attempt], list[Attempt]]:
    """Share out granted slots in order of urgency: who goes, and who is denied."""
    left = dict(granted)
    goes: list[Attempt] = []
    denied: list[Attempt] = []
    for attempt in attempts:
        room = left.get(attempt.pool.id, 0) - attempt.task.slots
        if room < 0:
            denied.append(attempt)
        else:
            left[attempt.pool.id] = room
            goes.append(attempt)
    return goes, denied
