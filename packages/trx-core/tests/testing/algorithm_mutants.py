"""Routing algorithms that each break one rule, and some that break none."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from trx_core.routing import (
    HOLD,
    Breaker,
    Decision,
    Outcomes,
    RoutingProblem,
    first_come_first_served,
)
from trx_core.routing import ScoreAlgorithm as Score

Route = Callable[[RoutingProblem], Any]


class Policy:
    """An algorithm of one function."""

    def __init__(self, route: Route) -> None:
        self.route = route


def decide(problem: RoutingProblem, allowed: Any = None, free: Any = None) -> Decision:
    """First come, first served, by this mask and these free slots; one slot for each task."""
    allowed = problem.eligible if allowed is None else allowed
    left = np.array(problem.free if free is None else free)
    placed = []
    for row in range(len(problem.tasks)):
        open_to = np.flatnonzero(allowed[row] & (left > 0))
        placed.append(int(open_to[0]) if len(open_to) else HOLD)
        left[placed[-1:] if open_to.size else []] -= 1
    return Decision(placed)


def narrow(problem: RoutingProblem) -> Any:
    """The pairs of tasks of one slot and pools."""
    return (problem.slots == 1)[:, None] & np.ones(problem.shape, dtype=bool)


# What keeps the contract.


def hold_everything(problem: RoutingProblem) -> Decision:
    return Decision([HOLD] * len(problem.tasks))


def as_arrays(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    return Decision(np.array(placed, dtype=np.int64), np.arange(len(placed))[::-1])


class Cheapest(Score):
    def score(self, task: Any, pool: Any) -> float:
        return -float(pool.cost_per_unit)


class Dice:
    """Chooses among pools with room by chance, and says with which."""

    def __init__(self, lie: float = 1.0, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._lie = lie

    def route(self, problem: RoutingProblem) -> Decision:
        free, placed, odds = problem.free.tolist(), [], []
        for row, task in enumerate(problem.tasks):
            room = [
                pool
                for pool, left in enumerate(free)
                if problem.eligible[row, pool] and left >= task.slots
            ]
            placed.append(self._rng.choice(room) if room else HOLD)
            odds.append(self._lie / len(room) if len(room) > 1 else 1.0)
            if room:
                free[placed[-1]] -= task.slots
        return Decision(placed, propensity=odds)


# What breaks it.


def drops_a_task(problem: RoutingProblem) -> Decision:
    return Decision(list(first_come_first_served(problem).pool)[1:])


def answers_with_a_list(problem: RoutingProblem) -> Any:
    return list(first_come_first_served(problem).pool)


def gives_a_number_as_its_reason(problem: RoutingProblem) -> Any:
    reason: Any = len(problem.tasks)
    return Decision(first_come_first_served(problem).pool, reason=reason)


def names_pools_by_id(problem: RoutingProblem) -> Any:
    placed = first_come_first_served(problem).pool
    ids: Any = [HOLD if pool == HOLD else problem.pools[pool].pool.id for pool in placed]
    return Decision(ids)


def counts_pools_from_one(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    return Decision([HOLD if pool == HOLD else len(problem.pools) + pool for pool in placed])


def orders_one_task_only(problem: RoutingProblem) -> Decision:
    return Decision(first_come_first_served(problem).pool, order=[0] * len(problem.tasks))


def orders_all_but_one(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    return Decision(placed, order=list(range(len(placed)))[1:])


def ignores_breakers(problem: RoutingProblem) -> Decision:
    closed = RoutingProblem(
        problem.tasks,
        [view._replace(breaker=Breaker.CLOSED) for view in problem.pools],
        now=problem.now,
    )
    return first_come_first_served(closed)


def ignores_resources(problem: RoutingProblem) -> Decision:
    fits = problem.slots[:, None] <= problem.capacity
    return decide(problem, fits & narrow(problem) & (problem.breaker != Breaker.OPEN))


def ignores_bounds_to_a_region(problem: RoutingProblem) -> Decision:
    anywhere = problem.of([replace(task, region_required=False) for task in problem.tasks])
    return decide(problem, anywhere.eligible & narrow(problem))


def counts_every_task_as_one_slot(problem: RoutingProblem) -> Decision:
    return decide(problem)


def ignores_load(problem: RoutingProblem) -> Decision:
    return decide(problem, problem.eligible & narrow(problem), problem.capacity)


def overfills_large_rounds(problem: RoutingProblem) -> Decision:
    return (
        counts_every_task_as_one_slot(problem)
        if len(problem.tasks) > 400
        else first_come_first_served(problem)
    )


def overfills_large_fleets(problem: RoutingProblem) -> Decision:
    if len(problem.pools) > 64:
        return decide(problem, free=np.full(len(problem.pools), len(problem.tasks)))
    return first_come_first_served(problem)


def overfills_fleets_of_hundreds(problem: RoutingProblem) -> Decision:
    if len(problem.pools) > 200:
        return decide(problem, free=np.full(len(problem.pools), len(problem.tasks)))
    return first_come_first_served(problem)


def needs_a_task(problem: RoutingProblem) -> Decision:
    problem.priority.max()
    return first_come_first_served(problem)


def needs_a_pool(problem: RoutingProblem) -> Decision:
    if problem.tasks:
        problem.cost.min(axis=1)
    return first_come_first_served(problem)


def needs_room(problem: RoutingProblem) -> Decision:
    if not problem.eligible.any() and problem.tasks and problem.pools:
        raise ValueError("nothing is feasible")
    return first_come_first_served(problem)


def holds_wide_tasks(problem: RoutingProblem) -> Decision:
    return decide(problem, problem.eligible & narrow(problem))


def is_sure_of_itself(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    return Decision(placed, propensity=[1.0] * len(placed))


def is_more_than_sure(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    return Decision(placed, propensity=[1.5] * len(placed))


def tells_half_of_it(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    return Decision(placed, propensity=[0.5] * len(placed))


class WearsOut(Policy):
    def __init__(self) -> None:
        super().__init__(self.decide)
        self.rounds = 0

    def decide(self, problem: RoutingProblem) -> Decision:
        self.rounds += 1
        if self.rounds > 100:
            raise OverflowError("the table is full")
        return first_come_first_served(problem)


class FillsUp(WearsOut):
    def decide(self, problem: RoutingProblem) -> Decision:
        self.rounds += 1
        free = problem.capacity if self.rounds > 100 else None
        return decide(problem, problem.eligible & narrow(problem), free)


def dawdles(problem: RoutingProblem) -> Decision:
    if len(problem.tasks) >= 1000:
        for _ in range(30):
            np.sort(np.arange(2_000_000)[::-1] % 7919)
    return first_come_first_served(problem)


def leaves(problem: RoutingProblem) -> Decision:
    sys.exit(3)


def leaves_content(problem: RoutingProblem) -> Decision:
    sys.exit(0)


class Leaves:
    def route(self, problem: RoutingProblem) -> Decision:
        return leaves_content(problem)


def says_that_it_was_interrupted(problem: RoutingProblem) -> Decision:
    raise KeyboardInterrupt


def never_answers(problem: RoutingProblem) -> Decision:
    while True:
        pass


class CountsFailures:
    """First come, first served, but nothing to the pool that has failed most often."""

    def __init__(self) -> None:
        self.failures: dict[Any, int] = {}

    def observe(self, outcomes: Outcomes) -> None:
        for attempt, success in zip(outcomes.attempts, outcomes.success.tolist(), strict=True):
            self.count(attempt.pool.id, not success)

    def count(self, pool: Any, failed: int) -> None:
        self.failures[pool] = self.failures.get(pool, 0) + failed

    def route(self, problem: RoutingProblem) -> Any:
        ids = [view.pool.id for view in problem.pools]
        for pool in ids:
            self.failures.setdefault(pool, 0)
        worst = max(self.failures, key=lambda pool: self.failures[pool], default=None)
        spared = [self.failures.get(worst, 0) > 0 and pool == worst for pool in ids]
        return decide(problem, allowed=narrow(problem) & problem.eligible & ~np.array(spared, bool))


class CountsForNobody(CountsFailures):
    """To be declared without ``outcomes``."""


class KnowsItsOwnPools(CountsFailures):
    def count(self, pool: Any, failed: int) -> None:
        self.failures[pool] += failed


class SortsWhatItIsTold(CountsFailures):
    def observe(self, outcomes: Outcomes) -> None:
        super().observe(outcomes)
        outcomes.attempts = outcomes.attempts[::-1]


class OverfillsOnceItHasLearnt(CountsFailures):
    told = False

    def observe(self, outcomes: Outcomes) -> None:
        self.told = True

    def route(self, problem: RoutingProblem) -> Any:
        full = np.full(len(problem.pools), 1_000) if self.told else None
        return decide(problem, allowed=narrow(problem) & problem.eligible, free=full)
