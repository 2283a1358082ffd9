"""The simplest algorithm to write: a score for a task and a pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from inspect import getattr_static
from itertools import compress
from math import inf
from typing import Any, Final, NoReturn, TypeVar

import numpy as np

from trx_core.models import Task, WorkerPool
from trx_core.routing.composed import ByArrival, ByPriority, Ordering, Urgency
from trx_core.routing.decision import HOLD, ContractViolation, Decision
from trx_core.routing.problem import RoutingProblem
from trx_core.routing.view import Breaker, PoolView

__all__ = [
    "Best",
    "PoolState",
    "ScoreAlgorithm",
    "Urgency",
    "place_in_turn",
    "set_free",
    "urgency_of",
]

State = TypeVar("State", bound="PoolState")

_NUMBERS: Final = frozenset({float, int, np.float64})

Best = Callable[[Task, Iterable[Any]], Any]
"""Chooses among pools for a task as :meth:`ScoreAlgorithm.best` does: one of them, or ``None``."""

_put: Final[Callable[[object, str, Any], None]] = object.__setattr__


class PoolState:
    """A pool as a round goes on, to be looked at only; ``free`` shrinks with every task that is
    placed.

    Attributes:
        pool: its catalogue entry.
        name: of the pool.
        region: where it stands.
        resource_type: what it is made of.
        cost_per_unit: money per work unit.
        capacity: slots in all.
        breaker: state of its circuit breaker.
        free: slots that may still be filled.
    """

    _latency: Callable[[str], float]
    _success: Callable[[str], float]
    breaker: Breaker
    capacity: int
    cost_per_unit: float
    free: int
    name: str
    pool: WorkerPool
    region: str
    resource_type: str

    __slots__ = (
        "_latency",
        "_success",
        "breaker",
        "capacity",
        "cost_per_unit",
        "free",
        "name",
        "pool",
        "region",
        "resource_type",
    )

    def __init__(self, view: PoolView) -> None:
        pool = view.pool
        _put(self, "_latency", view.latency)
        _put(self, "_success", view.success)
        _put(self, "pool", pool)
        _put(self, "name", pool.name)
        _put(self, "region", pool.region)
        _put(self, "resource_type", pool.resource_type)
        _put(self, "cost_per_unit", pool.cost_per_unit)
        _put(self, "capacity", pool.capacity)
        _put(self, "breaker", view.breaker)
        _put(self, "free", view.free)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a policy may look at a pool only; {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a policy may look at a pool only; {name!r} cannot be deleted")

    @property
    def load(self) -> int:
        """Slots that are occupied, what this round has placed included."""
        occupied = self.capacity - self.free
        return occupied if occupied > 0 else 0

    def latency(self, task: Task) -> float:
        """Expected seconds of service of a task of this type."""
        return self._latency(task.type)

    def success(self, task: Task) -> float:
        """Expected probability that an attempt at a task of this type succeeds."""
        return self._success(task.type)


set_free: Final[Callable[[PoolState, int], None]] = vars(PoolState)["free"].__set__
"""How whoever decides keeps ``free`` up to date."""


class ScoreAlgorithm(ABC):
    """An algorithm that scores pools, one task at a time::

        class Cheapest(ScoreAlgorithm):
            def score(self, task, pool):
                return -task.cost * pool.cost_per_unit

    Each task, in the order of :attr:`ordering`, goes to the eligible pool with a free slot that
    scores highest; ties go to the pool listed first. O(T·P) calls of :meth:`score`.

    Attributes:
        ordering: which task chooses first.
    """

    ordering: Ordering = ByPriority()

    @abstractmethod
    def score(self, task: Task, pool: PoolState) -> float:
        """How good ``pool`` is for ``task``: one number, the higher the better; ``-inf``: not
        there.

        It is asked only of pools that may take the task and have the slots free. When all say
        ``-inf`` the task is held. A score that is no number, NaN among them, breaks the contract.
        """

    def route(self, problem: RoutingProblem) -> Decision:
        """Place each task where it scores highest."""
        states = [PoolState(view) for view in problem.pools]
        eligible = problem.eligible.tolist()
        order = self.ordering.order(problem)
        placed = [HOLD] * len(problem.tasks)
        left = sum(state.free for state in states)
        index_of = {id(state): index for index, state in enumerate(states)}
        for row in order:
            if left <= 0:
                break
            task = problem.tasks[row]
            best = self.best(task, list(compress(states, eligible[row])))
            if best is not None:
                placed[row] = index_of[id(best)]
                set_free(best, best.free - task.slots)
                left -= task.slots
        return Decision(placed, order=order)

    def best(self, task: Task, pools: Iterable[State]) -> State | None:
        """The pool that scores highest among those of ``pools`` that have the slots free; the first
        of several, ``None`` if there is none.

        Raises:
            ContractViolation: ``TRX-P107``, a score is NaN, or no single number.
        """
        score, slots = self.score, task.slots
        found, highest = None, -inf
        for pool in pools:
            if pool.free >= slots:
                value = score(task, pool)
                try:
                    if value > highest:
                        found, highest = pool, value
                    elif value != value:
                        raise _no_score(pool, value)
                except (TypeError, ValueError):
                    raise _no_score(pool, value) from None
        if found is not None and type(highest) not in _NUMBERS and np.ndim(highest):
            raise _no_score(found, highest)
        return found


def _no_score(pool: PoolState, value: object) -> ContractViolation:
    told = "NaN" if type(value) in _NUMBERS else f"of type {type(value).__name__}"
    return ContractViolation(
        f"its score of pool {pool.name!r} is {told}.",
        code="TRX-P107",
        hint="Return one number; -inf where the task is not to go.",
    )


def urgency_of(algorithm: object) -> Urgency | None:
    """What sorts the line of an algorithm that decides one task after the other, each as
    :meth:`ScoreAlgorithm.best` does and without a look at the rest of the round; ``None`` for every
    other algorithm. Orderings of others are asked round by round: what they do there is bounded and
    blamed."""
    if not isinstance(algorithm, ScoreAlgorithm):
        return None
    for name in ("route", "best"):
        if getattr_static(algorithm, name) is not vars(ScoreAlgorithm)[name]:
            return None
    ordering = getattr_static(algorithm, "ordering")
    return ordering.urgency if type(ordering) in (ByArrival, ByPriority) else None


def place_in_turn(
    best: Best,
    line: Iterable[Task],
    pools: Callable[[Task], Sequence[State]],
    left: int,
) -> list[tuple[Task, State]]:
    """Decide a round task by task, as :meth:`ScoreAlgorithm.route` does; unchecked, as the pools
    say for themselves how many slots they have free.

    Args:
        best: chooses a pool for a task.
        line: the tasks, the most urgent first.
        pools: task → the pools that may take it; their ``free`` shrinks meanwhile, and is to be set
            anew by whoever occupies the slots, or does not.
        left: slots that are free in all.
    """
    placed: list[tuple[Task, State]] = []
    for task in line:
        pool = best(task, pools(task))
        if pool is not None:
            placed.append((task, pool))
            set_free(pool, pool.free - task.slots)
            left -= task.slots
            if left <= 0:
                break
    return placed
