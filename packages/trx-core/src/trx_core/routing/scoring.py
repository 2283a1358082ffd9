"""The simplest algorithm to write: a score for a task and a pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from math import inf
from typing import TypeVar

from trx_core.models import Task, WorkerPool
from trx_core.routing.composed import ByPriority, Ordering, Ranked, Urgency
from trx_core.routing.decision import HOLD, Decision
from trx_core.routing.problem import RoutingProblem
from trx_core.routing.view import Breaker, PoolView

__all__ = ["PoolState", "ScoreAlgorithm", "Urgency", "place_in_turn", "urgency_of"]

State = TypeVar("State", bound="PoolState")


class PoolState:
    """A pool as a round goes on; ``free`` shrinks with every task that is placed.

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
        pool: WorkerPool = view.pool
        self._latency = view.latency
        self._success = view.success
        self.pool = pool
        self.name = pool.name
        self.region = pool.region
        self.resource_type = pool.resource_type
        self.cost_per_unit = pool.cost_per_unit
        self.capacity = pool.capacity
        self.breaker: Breaker = view.breaker
        self.free = view.free

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
        """How good ``pool`` is for ``task``, the higher the better; ``-inf``: not there.

        It is asked only of pools that may take the task and have the slots free. When all say
        ``-inf`` the task is held.
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
                best.free -= task.slots
                left -= task.slots
        return Decision(placed, order=order)

    def best(self, task: Task, pools: Iterable[State]) -> State | None:
        """The pool that scores highest among those of ``pools`` that have the slots free; the first
        of several, ``None`` if there is none."""
        score, slots = self.score, task.slots
        found, highest = None, -inf
        for pool in pools:
            if pool.free >= slots:
                value = score(task, pool)
                if value > highest:
                    found, highest = pool, value
        return found


def urgency_of(algorithm: object) -> Urgency | None:
    """What sorts the line of an algorithm that decides one task after the other, each as
    :meth:`ScoreAlgorithm.best` does and without a look at the rest of the round; ``None`` for every
    other algorithm."""
    if not isinstance(algorithm, ScoreAlgorithm):
        return None
    kind, whole = type(algorithm), ScoreAlgorithm
    if kind.route is not whole.route or kind.best is not whole.best:
        return None
    ordering = algorithm.ordering
    if not isinstance(ordering, Ranked):
        return None
    same = _whose(type(ordering), "order") is _whose(type(ordering), "urgency")
    return ordering.urgency if same else None


def _whose(kind: type, method: str) -> type:
    """The class that a class has a method from."""
    return next(one for one in kind.__mro__ if method in vars(one))


def place_in_turn(
    algorithm: ScoreAlgorithm,
    line: Iterable[Task],
    pools: Callable[[Task], Sequence[State]],
    left: int,
) -> list[tuple[Task, State]]:
    """Decide a round task by task, as :meth:`ScoreAlgorithm.route` does.

    Args:
        algorithm: scores.
        line: the tasks, the most urgent first.
        pools: task → the pools that may take it; their ``free`` shrinks meanwhile, and is as before
            in the end, whatever the algorithm does.
        left: slots that are free in all.
    """
    placed: list[tuple[Task, State]] = []
    best = algorithm.best
    try:
        for task in line:
            pool = best(task, pools(task))
            if pool is not None:
                placed.append((task, pool))
                pool.free -= task.slots
                left -= task.slots
                if left <= 0:
                    break
    finally:
        for task, pool in placed:
            pool.free += task.slots
    return placed
