"""One decision round, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import inf
from typing import Final, NoReturn

import numpy as np

from trx_core.models import Task
from trx_core.routing.columns import Bools, Floats, Ints, floats, frozen, ints
from trx_core.routing.objective import Objective
from trx_core.routing.view import Breaker, Distance, PoolView, distance, may_take

__all__ = ["RoutingProblem"]

ANYWHERE: Final = -1
_FEW: Final = 64
"""Pairs of a task and a pool up to which arrays cost more than they save."""
_CACHED: Final = 8_192
"""Pairs of a task and a pool that are worked out at a time."""
_BLOCK: Final = 65_536
"""Pairs of a task and a pool that are looked at at once where no matrix is kept."""


class RoutingProblem:
    """T tasks, in order of arrival, and P pools; every column is computed once, when first asked.

    Columns are read-only arrays, and nothing of a problem can be set: what it says, the decision is
    judged by. T or P may be 0.

    Args:
        tasks: the undecided tasks.
        pools: the pools.
        now: the instant of the round, seconds.
        number: the round's number, from 1, unique within a kernel.
        objective: weights that the decision is judged by.
        distance: see :attr:`trx_core.models.Fleet.distance`.
    """

    tasks: tuple[Task, ...]
    pools: tuple[PoolView, ...]
    now: float
    number: int
    objective: Objective
    distance: Distance

    def __init__(
        self,
        tasks: Sequence[Task],
        pools: Sequence[PoolView],
        *,
        now: float,
        number: int = 1,
        objective: Objective | None = None,
        distance: Distance | None = None,
    ) -> None:
        vars(self).update(
            tasks=tuple(tasks),
            pools=tuple(pools),
            now=now,
            number=number,
            objective=objective or Objective(),
            distance=distance or {},
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a routing problem is read-only; {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a routing problem is read-only; {name!r} cannot be deleted")

    def __repr__(self) -> str:
        return f"<RoutingProblem {self.number}: {len(self.tasks)} tasks, {len(self.pools)} pools>"

    @property
    def shape(self) -> tuple[int, int]:
        """``(T, P)``."""
        return len(self.tasks), len(self.pools)

    # Columns of the tasks, each of shape [T].

    @cached_property
    def priority(self) -> Ints:
        """[T] 1 to 10."""
        return ints([task.priority for task in self.tasks])

    @cached_property
    def size(self) -> Floats:
        """[T] the tasks' ``cost``: work units, not negative."""
        return floats([task.cost for task in self.tasks])

    @cached_property
    def age(self) -> Floats:
        """[T] seconds since the task was accepted, not negative."""
        return frozen(np.maximum(0.0, self.now - floats([t.enqueued_at for t in self.tasks])))

    @cached_property
    def attempt(self) -> Ints:
        """[T] attempts made so far, from 0."""
        return ints([task.attempt for task in self.tasks])

    @cached_property
    def slots(self) -> Ints:
        """[T] slots that the task occupies, from 1."""
        return ints([task.slots for task in self.tasks])

    @cached_property
    def deadline(self) -> Floats:
        """[T] seconds on the round's clock; infinite where there is none."""
        return floats([np.inf if t.deadline is None else t.deadline for t in self.tasks])

    @cached_property
    def expected_duration(self) -> Floats:
        """[T] seconds of service, as the task's caller expects; NaN where nothing is said."""
        return floats(
            [np.nan if t.expected_duration is None else t.expected_duration for t in self.tasks]
        )

    @cached_property
    def types(self) -> tuple[str, ...]:
        """[K] the task types of this round, in order of first appearance."""
        return tuple(dict.fromkeys(task.type for task in self.tasks))

    @cached_property
    def type_code(self) -> Ints:
        """[T] index into :attr:`types`."""
        code = {name: i for i, name in enumerate(self.types)}
        return ints([code[task.type] for task in self.tasks])

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """[R] the regions of this round's pools and tasks."""
        named = [view.pool.region for view in self.pools]
        named += [task.region for task in self.tasks if task.region is not None]
        return tuple(dict.fromkeys(named))

    @cached_property
    def region_code(self) -> Ints:
        """[T] index into :attr:`regions`; ``-1`` for a task that may run anywhere."""
        code: dict[str | None, int] = {name: i for i, name in enumerate(self.regions)}
        return ints([code.get(task.region, ANYWHERE) for task in self.tasks])

    @cached_property
    def region_required(self) -> Bools:
        """[T] whether the task may run only in the region that it names."""
        return frozen(np.array([t.bound_to is not None for t in self.tasks], dtype=bool))

    # Columns of the pools, each of shape [P].

    @cached_property
    def pool_region(self) -> Ints:
        """[P] index into :attr:`regions`."""
        code = {name: i for i, name in enumerate(self.regions)}
        return ints([code[view.pool.region] for view in self.pools])

    @cached_property
    def cost_per_unit(self) -> Floats:
        """[P] money per work unit."""
        return floats([view.pool.cost_per_unit for view in self.pools])

    @cached_property
    def capacity(self) -> Ints:
        """[P] slots in all."""
        return ints([view.pool.capacity for view in self.pools])

    @cached_property
    def free(self) -> Ints:
        """[P] slots that this round may fill."""
        return ints([view.free for view in self.pools])

    @cached_property
    def load(self) -> Ints:
        """[P] slots occupied: ``capacity - free``, not negative."""
        return frozen(np.maximum(0, self.capacity - self.free))

    @cached_property
    def breaker(self) -> Ints:
        """[P] codes of :class:`Breaker`."""
        return ints([view.breaker for view in self.pools])

    # Tables and matrices.

    @cached_property
    def latency(self) -> Floats:
        """[K, P] expected seconds of service by task type."""
        return _table([[view.latency(name) for view in self.pools] for name in self.types], self)

    @cached_property
    def success(self) -> Floats:
        """[K, P] expected probability of success by task type."""
        return _table([[view.success(name) for view in self.pools] for name in self.types], self)

    @cached_property
    def eligible(self) -> Bools:
        """[T, P] whether the pool may take the task at all, free slots left aside."""
        if len(self.tasks) * len(self.pools) <= _FEW:
            few = [[may_take(view, task) for view in self.pools] for task in self.tasks]
            return frozen(np.array(few, dtype=bool).reshape(self.shape))
        by_pool = [view.pool.resource_type for view in self.pools]
        wants = [task.resource_type for task in self.tasks]
        code = {want: at for at, want in enumerate(dict.fromkeys(wants))}
        made = [[want is None or want == has for has in by_pool] for want in code]
        open_to = np.array(made, dtype=bool) & (self.breaker != Breaker.OPEN)
        mask = open_to[ints([code[want] for want in wants])]
        mask &= self.slots[:, None] <= self.capacity
        if any(task.region_required for task in self.tasks):
            near = self.region_code[:, None] == self.pool_region[None, :]
            mask &= near | ~self.region_required[:, None]
        return frozen(mask)

    @cached_property
    def region_distance(self) -> Floats:
        """[R + 1, P] distance by region; the last row, of tasks that may run anywhere, is 0."""
        table = [
            [distance(self.distance, name, view.pool.region) for view in self.pools]
            for name in self.regions
        ]
        return frozen(np.array([*table, [0.0] * len(self.pools)]))

    @cached_property
    def cost(self) -> Floats:
        """[T, P] the objective's cost of every placement, eligible or not."""
        weights = self.objective
        by_type = weights.latency * self.latency + weights.risk * (1.0 - self.success)
        by_region = weights.region * self.region_distance
        matrix = np.outer(self.size, self.cost_per_unit)
        for rows in self._blocks():
            block = matrix[rows]
            block *= weights.money
            block += by_type[self.type_code[rows]]
            block += by_region[self.region_code[rows]]
        return frozen(matrix)

    @cached_property
    def least(self) -> Floats:
        """[T] the least cost of any pool that may take the task, free slots left aside; 0 if there
        is none. Takes O(T + P) memory where the matrices are not there yet and would be large.
        """
        if not self.pools:
            return frozen(np.zeros(len(self.tasks)))
        if "cost" in self.__dict__ or len(self.tasks) * len(self.pools) <= _BLOCK:
            return frozen(_least(self))
        step = max(1, _BLOCK // len(self.pools))
        parts = (self.tasks[at : at + step] for at in range(0, len(self.tasks), step))
        return frozen(np.concatenate([_least(self.of(part)) for part in parts]))

    @cached_property
    def patience(self) -> Floats:
        """[T] what holding each task for this round costs above ``least``."""
        weights = self.objective
        return frozen(weights.hold + weights.wait * self.priority * self.age)

    @cached_property
    def hold(self) -> Floats:
        """[T] the objective's price of holding each task for this round."""
        return frozen(self.least + self.patience)

    def prices(self, task: Task) -> tuple[list[float], float]:
        """[P] what placing a task costs, infinite where the pool may not take it, and what holding
        it costs: to the bit as in :attr:`cost` and :attr:`hold`, and quicker for few tasks."""
        weights, kind, home = self.objective, task.type, task.region
        money, risk, size = weights.money, weights.risk, task.cost
        prices = []
        for view in self.pools:
            if not may_take(view, task):
                prices.append(inf)
                continue
            pool = view.pool
            far = 0.0 if home is None else distance(self.distance, home, pool.region)
            served = weights.latency * view.latency(kind) + risk * (1.0 - view.success(kind))
            prices.append(money * (size * pool.cost_per_unit) + served + weights.region * far)
        least = min(prices, default=inf)
        age = max(0.0, self.now - task.enqueued_at)
        patience = weights.hold + weights.wait * task.priority * age
        return prices, (least if least < inf else 0.0) + patience

    def _blocks(self) -> Iterator[slice]:
        """The rows, by as many as stay in a processor's cache with what is worked out of them."""
        step = max(1, _CACHED // max(1, len(self.pools)))
        return (slice(at, at + step) for at in range(0, len(self.tasks), step))

    def of(self, tasks: Sequence[Task]) -> RoutingProblem:
        """The same round with these tasks."""
        return RoutingProblem(
            tasks,
            self.pools,
            now=self.now,
            number=self.number,
            objective=self.objective,
            distance=self.distance,
        )


def _least(problem: RoutingProblem) -> Floats:
    least = np.empty(len(problem.tasks))
    for rows in problem._blocks():
        block = np.where(problem.eligible[rows], problem.cost[rows], np.inf)
        block.min(axis=1, out=least[rows])
    return np.where(least < np.inf, least, 0.0)


def _table(rows: Sequence[Sequence[float]], problem: RoutingProblem) -> Floats:
    shape = (len(problem.types), len(problem.pools))
    return frozen(np.array(rows, dtype=np.float64).reshape(shape))
