"""Which task next: rules that rank the tasks of a round by a number, the least first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_core.routing import RoutingProblem

__all__ = [
    "ByLeast",
    "aged_priority",
    "deadline",
    "durations",
    "f1",
    "shortest",
    "unicep",
    "wfp3",
]

Floats = NDArray[np.float64]
Rank = Callable[[RoutingProblem], Floats]
"""[T] a number for each task."""

TINY: Final = 1e-15
"""Keeps UNICEP finite for tasks of one slot, as in the published implementation."""

LEAST: Final = 0.1
"""Seconds; stands in for a time that has no logarithm."""


class ByLeast:
    """The task of least rank first; of equal ones the one that arrived first. O(T log T).

    Args:
        rank: gives the ranks.
    """

    def __init__(self, rank: Rank) -> None:
        self.rank = rank

    def order(self, problem: RoutingProblem) -> Sequence[int]:
        """A stable sort."""
        order: list[int] = np.argsort(self.rank(problem), kind="stable").tolist()
        return order


def durations(problem: RoutingProblem) -> Floats:
    """[T] expected seconds of service, positive: what the caller said, or else what is expected of
    the fastest of the pools; 1 where there are none.
    """
    said = problem.expected_duration
    if not problem.pools:
        return np.where(np.isnan(said), 1.0, said)
    fastest = problem.latency.min(axis=1, initial=np.inf) if problem.types else np.empty(0)
    return np.where(np.isnan(said), np.maximum(fastest[problem.type_code], TINY), said)


def shortest(problem: RoutingProblem) -> Floats:
    """Expected seconds of service (W. E. Smith, "Various optimizers for single-stage production",
    Naval Res. Logist. Q. 3, 1956).
    """
    return durations(problem)


def deadline(problem: RoutingProblem) -> Floats:
    """The deadline; a task without one comes after all that have one (J. R. Jackson, "Scheduling a
    production line to minimize maximum tardiness", 1955).
    """
    return problem.deadline


def wfp3(problem: RoutingProblem) -> Floats:
    """``-(wait / duration)³ · slots`` (W. Tang et al., "Fault-aware, utility-based job scheduling
    on Blue Gene/P systems", CLUSTER 2009).
    """
    return np.asarray(-((problem.age / durations(problem)) ** 3) * problem.slots)


def unicep(problem: RoutingProblem) -> Floats:
    """``-wait / (log₂ slots · duration)`` (as WFP3); tasks of one slot come first."""
    width = np.log2(problem.slots + TINY)
    return np.asarray(-(problem.age + TINY) / (width * durations(problem)))


def f1(origin: float) -> Rank:
    """``log₁₀ duration · slots + 870 · log₁₀ (submitted - origin)``, learned from simulations by
    symbolic regression (D. Carastan-Santos and R. Y. de Camargo, "Obtaining dynamic scheduling
    policies with simulation and machine learning", SC'17).

    Args:
        origin: the instant that times of submission count from, seconds.
    """

    def rank(problem: RoutingProblem) -> Floats:
        submitted = np.array([task.enqueued_at for task in problem.tasks]) - origin
        size = np.log10(durations(problem)) * problem.slots
        return np.asarray(size + 870 * np.log10(np.maximum(submitted, LEAST)))

    return rank


def aged_priority(rate: float) -> Rank:
    """``-(priority + rate · age)`` (L. Kleinrock, "A delay dependent queue discipline", Naval Res.
    Logist. Q. 11, 1964).

    Args:
        rate: steps of priority that a second of waiting is worth.
    """

    def rank(problem: RoutingProblem) -> Floats:
        return -(problem.priority + rate * problem.age)

    return rank
