"""What an algorithm is shown: rounds and outcomes as they are, and objects that are its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trx_core.models import Attempt, WorkerPool, read_only
from trx_core.routing import Distance, Objective, PoolView, RoutingProblem

__all__ = ["Exhibit"]

_new: Final = tuple.__new__


class Exhibit:
    """Makes copies for one algorithm, once for each pool as it is listed: whatever the algorithm
    does to them, the engine goes by the originals, and so do other algorithms."""

    __slots__ = ("_distance", "_objective", "_twins", "_views")

    def __init__(self) -> None:
        self._twins: dict[int, tuple[WorkerPool, WorkerPool]] = {}
        self._views: dict[int, tuple[PoolView, PoolView]] = {}
        self._distance: tuple[Distance, Distance] = ({}, {})
        self._objective: tuple[Objective, Objective] | None = None

    def problem(self, problem: RoutingProblem) -> RoutingProblem:
        """The same round."""
        return RoutingProblem(
            problem.tasks,
            [self._view(view) for view in problem.pools],
            now=problem.now,
            number=problem.number,
            objective=self._weights(problem.objective),
            distance=self._distances(problem.distance),
        )

    def attempt(self, attempt: Attempt) -> Attempt:
        """The same attempt."""
        task, pool, *rest = attempt
        return _new(Attempt, (task, self._twin(pool), *rest))

    def _view(self, view: PoolView) -> PoolView:
        key = view[0].id.int
        known = self._views.get(key)
        if known is not None and known[0] is view:
            return known[1]
        shown = _new(PoolView, (self._twin(view[0]), *view[1:]))
        self._views[key] = (view, shown)
        return shown

    def _twin(self, pool: WorkerPool) -> WorkerPool:
        known = self._twins.get(pool.id.int)
        if known is None or known[0] is not pool:
            known = self._twins[pool.id.int] = (pool, pool.twin())
        return known[1]

    def _weights(self, objective: Objective) -> Objective:
        if self._objective is None or self._objective[0] is not objective:
            self._objective = (objective, objective.model_copy())
        return self._objective[1]

    def _distances(self, table: Distance) -> Mapping[str, Mapping[str, float]]:
        if table and self._distance[0] is not table:
            self._distance = (table, read_only(table))
        return self._distance[1] if table else table
