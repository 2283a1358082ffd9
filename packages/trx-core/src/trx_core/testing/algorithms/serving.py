"""Whether those whom a pool has room for are served once they have become old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from trx_core.routing import HOLD, RoutingProblem
from trx_core.testing.algorithms.subject import AlgorithmSubject, answer
from trx_core.testing.checks import CheckFailure

__all__ = ["Scene", "is_served"]

AGES: Final = (0.0, 1.0, 10.0, 100.0, 1_000.0, 10_000.0)

Scene: TypeAlias = Callable[..., RoutingProblem]
"""Called with the age of its tasks, seconds, and the ``number`` of the round."""


def is_served(subject: AlgorithmSubject, who: str, scene: Scene) -> None:
    """Nobody in the scene is held when it has become old.

    Raises:
        CheckFailure: somebody is.
    """
    algorithm = subject.make()
    for number, age in enumerate(AGES, start=1):
        problem = scene(age, number=number)
        held = np.flatnonzero(np.equal(answer(problem, algorithm.route(problem)).pool, HOLD))
        if not held.size:
            return
    row = held[0]
    raise CheckFailure(
        f"{who} is held after {AGES[-1]:,.0f} s, when holding costs {problem.hold[row]:,.0f} and "
        f"placing {problem.cost[row].min():,.0f}: {_told(problem, int(row))}"
    )


def _told(problem: RoutingProblem, row: int) -> str:
    task = problem.tasks[row]
    return (
        f"type {task.type!r}, priority {task.priority}, attempt {task.attempt}, "
        f"{task.slots} slots, metadata {dict(task.metadata)}"
    )
