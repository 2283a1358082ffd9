"""One decision round, as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Final, NamedTuple, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from trx_core.models import Task, WorkerPool
from trx_core.routing.objective import Objective

__all__ = ["Breaker", "PoolView", "RoutingProblem"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Distance = Mapping[str, Mapping[str, float]]

ANYWHERE: Final = -1
_FEW: Final = 64
"""Pairs of a task and a pool up to which arrays cost more than they save."""

Scalar = TypeVar("Scalar", bound=np.generic)


class Breaker(IntEnum):
    """State of a pool's circuit breaker."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class PoolView(NamedTuple):
    """What a round may know of one pool, taken when the round opened.

    Attributes:
        pool: its catalogue entry.
        free: slots that the round may fill, not negative.
        breaker: state of its circuit breaker; an open one makes the pool ineligible.
        latency: task type → expected seconds of service.
        success: task type → expected probability of success.
        busy: when each of this kernel's attempts there is expected to end (seconds), and the slots
            that it frees, in no particular order.
    """

    pool: WorkerPool
    free: int
    breaker: Breaker
    latency: Callable[[str], float]
    success: Callable[[str], float]
    busy: tuple[tuple[float, int], ...] = ()


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
        return _ints([task.priority for task in self.tasks])

    @cached_property
    def size(self) -> Floats:
        """[T] the tasks' ``cost``: work units, not negative."""
        return _floats([task.cost for task in self.tasks])

    @cached_property
    def age(self) -> Floats:
        """[T] seconds since the task was accepted, not negative."""
        return _frozen(np.maximum(0.0, self.now - _floats([t.enqueued_at for t in self.tasks])))

    @cached_property
    def attempt(self) -> Ints:
        """[T] attempts made so far, from 0."""
        return _ints([task.attempt for task in self.tasks])

    @cached_property
    def slots(self) -> Ints:
        """[T] slots that the task occupies, from 1."""
        return _ints([task.slots for task in self.tasks])

    @cached_property
    def deadline(self) -> Floats:
        """[T] seconds on the round's clock; infinite where there is none."""
        return _floats([np.inf if t.deadline is None else t.deadline for t in self.tasks])

    @cached_property
    def expected_duration(self) -> Floats:
        """[T] seconds of service, as the task's caller expects; NaN where nothing is said."""
        return _floats(
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
        return _ints([code[task.type] for task in self.tasks])

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
        return _ints([code.get(task.region, ANYWHERE) for task in self.tasks])

    # Columns of the pools, each of shape [P].

    @cached_property
    def pool_region(self) -> Ints:
        """[P] index into :attr:`regions`."""
        code = {name: i for i, name in enumerate(self.regions)}
        return _ints([code[view.pool.region] for view in self.pools])

    @cached_property
    def cost_per_unit(self) -> Floats:
        """[P] money per work unit."""
        return _floats([view.pool.cost_per_unit for view in self.pools])

    @cached_property
    def capacity(self) -> Ints:
        """[P] slots in all."""
        return _ints([view.pool.capacity for view in self.pools])

    @cached_property
    def free(self) -> Ints:
        """[P] slots that this round may fill."""
        return _ints([view.free for view in self.pools])

    @cached_property
    def load(self) -> Ints:
        """[P] slots occupied: ``capacity - free``, not negative."""
        return _frozen(np.maximum(0, self.capacity - self.free))

    @cached_property
    def breaker(self) -> Ints:
        """[P] codes of :class:`Breaker`."""
        return _ints([view.breaker for view in self.pools])

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
            return _frozen(np.array(few, dtype=bool).reshape(self.shape))
        by_pool = [view.pool.resource_type for view in self.pools]
        wanted = dict.fromkeys(task.resource_type for task in self.tasks)
        row_of = {
            want: np.array([want is None or want == has for has in by_pool], dtype=bool)
            for want in wanted
        }
        shut = self.breaker != Breaker.OPEN
        fits = self.slots[:, None] <= self.capacity[None, :]
        wants = [row_of[task.resource_type] for task in self.tasks]
        mask = np.array(wants, dtype=bool).reshape(self.shape)
        return _frozen(mask & shut[None, :] & fits)

    @cached_property
    def region_distance(self) -> Floats:
        """[R + 1, P] distance by region; the last row, of tasks that may run anywhere, is 0."""
        table = [
            [distance(self.distance, name, view.pool.region) for view in self.pools]
            for name in self.regions
        ]
        return _frozen(np.array([*table, [0.0] * len(self.pools)]))

    @cached_property
    def cost(self) -> Floats:
        """[T, P] the objective's cost of every placement, eligible or not."""
        weights = self.objective
        by_type = weights.latency * self.latency + weights.risk * (1.0 - self.success)
        matrix = weights.money * np.outer(self.size, self.cost_per_unit)
        matrix += by_type[self.type_code]
        matrix += weights.region * self.region_distance[self.region_code]
        return _frozen(matrix)

    @cached_property
    def hold(self) -> Floats:
        """[T] the objective's price of holding each task for this round."""
        weights = self.objective
        return _frozen(weights.hold + weights.wait * self.priority * self.age)


def may_take(view: PoolView, task: Task) -> bool:
    """Whether the pool may take the task at all, free slots left aside."""
    pool = view.pool
    fits = task.slots <= pool.capacity and view.breaker != Breaker.OPEN
    return fits and (task.resource_type is None or task.resource_type == pool.resource_type)


def distance(table: Distance, a: str, b: str) -> float:
    """Distance from ``a`` to ``b``, or else from ``b`` to ``a``: 0 to itself, 1 where not given."""
    if a == b:
        return 0.0
    return table.get(a, {}).get(b, table.get(b, {}).get(a, 1.0))


def _frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """A view that cannot be made writeable again, as the owner of the data can."""
    owner = array if array.base is None else array.copy()
    owner.setflags(write=False)
    return owner.view()


def _ints(values: Sequence[int]) -> Ints:
    return _frozen(np.array(values, dtype=np.int64))


def _floats(values: Sequence[float]) -> Floats:
    return _frozen(np.array(values, dtype=np.float64))


def _table(rows: Sequence[Sequence[float]], problem: RoutingProblem) -> Floats:
    shape = (len(problem.types), len(problem.pools))
    return _frozen(np.array(rows, dtype=np.float64).reshape(shape))
