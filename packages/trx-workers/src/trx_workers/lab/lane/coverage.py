"""What the compiled lane takes, and in what form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_core.engine import NamedAlgorithm, Simulators
from trx_core.kernel import KernelConfig
from trx_core.models import Fleet, Task
from trx_core.routing import PlainRule, Turn, plain_rule
from trx_workers.lab.lane.draws import Draws, draw_all

__all__ = ["Course", "course", "rule_of"]

Ints = NDArray[np.int64]

MOST_DRAWS: Final = 16_000_000
"""Outcomes of first attempts, one for each pool and task, that are kept at once: some 300 MB."""


class Course(NamedTuple):
    """A run of N tasks on P pools as the lane's loop takes it.

    Attributes:
        rule: which the algorithm follows.
        arrives: [N] seconds, not decreasing.
        rank: [N] who chooses first: the least.
        capacity: [P] slots.
        draws: what attempts come to.
    """

    rule: PlainRule
    arrives: NDArray[np.float64]
    rank: Ints
    capacity: Ints
    draws: Draws


def course(
    fleet: Fleet,
    algorithm: NamedAlgorithm,
    tasks: Sequence[Task],
    simulators: Simulators,
    config: KernelConfig,
    seed: int,
) -> Course | None:
    """The run in the lane's form; ``None`` if the lane does not cover it.

    It covers a plain queue: an algorithm that follows a plain rule, tasks of one slot that any pool
    may take, in the order of arrival and id, and simulators that can draw outcomes beforehand; as
    many as there is room for.
    """
    rule = rule_of(algorithm)
    capacity = np.array([pool.capacity for pool in fleet.pools])
    if rule is None or not tasks or not capacity.any() or not _alike(fleet, tasks):
        return None
    if len(tasks) * len(fleet.pools) > MOST_DRAWS:
        return None
    arrives = np.array([task.enqueued_at for task in tasks])
    later = np.diff(arrives)
    if np.any(later < 0):
        return None
    for at in np.flatnonzero(later == 0).tolist():
        if tasks[at].id.int >= tasks[at + 1].id.int:
            return None
    draws = draw_all(tasks, fleet.pools, simulators, config.retry, seed)
    if draws is None:
        return None
    rank = np.arange(len(tasks))
    if rule.turn is Turn.PRIORITY:
        rank -= np.array([task.priority for task in tasks]) * len(tasks)
    return Course(rule, arrives, rank, capacity, draws)


def rule_of(algorithm: NamedAlgorithm) -> PlainRule | None:
    """The plain rule that an algorithm follows, if it does."""
    return None if algorithm.learns else plain_rule(algorithm.algorithm)


def _alike(fleet: Fleet, tasks: Sequence[Task]) -> bool:
    """Whether every pool may take every task, and a task needs one slot."""
    kinds = {(task.slots, task.resource_type, task.attempt, task.bound_to) for task in tasks}
    made_of = {pool.resource_type for pool in fleet.pools}
    regions = {pool.region for pool in fleet.pools}
    return all(
        slots == 1
        and attempt == 0
        and (wanted is None or made_of == {wanted})
        and (bound is None or regions == {bound})
        for slots, wanted, attempt, bound in kinds
    )
