"""The simplest algorithm to write: a score for a task and a pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import inf

from trx_core.models import Task, WorkerPool
from trx_core.routing.composed import ByPriority, Ordering
from trx_core.routing.decision import HOLD, Decision
from trx_core.routing.problem import Breaker, PoolView, RoutingProblem

__all__ = ["PoolState", "ScoreAlgorithm"]


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
        "_view",
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
        self._view = view
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
        return max(0, self.capacity - self.free)

    def latency(self, task: Task) -> float:
        """Expected seconds of service of a task of this type."""
        return self._view.latency(task.type)

    def success(self, task: Task) -> float:
        """Expected probability that an attempt at a task of this type succeeds."""
        return self._view.success(task.type)


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
        for row in order:
            if left <= 0:
                break
            task = problem.tasks[row]
            best, highest = HOLD, -inf
            for index, state in enumerate(states):
                if eligible[row][index] and state.free >= task.slots:
                    score = self.score(task, state)
                    if score > highest:
                        best, highest = index, score
            if best != HOLD:
                placed[row] = best
                states[best].free -= task.slots
                left -= task.slots
        return Decision(placed, order=order)
