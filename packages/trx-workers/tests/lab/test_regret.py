"""Regret is exact: against all decisions that there are, of small rounds."""

from __future__ import annotations

import itertools
import random

import pytest
from lab_bench import Scripted, always, named, pool, task

from trx_core.models import Fleet, Outcome
from trx_core.routing import (
    HOLD,
    Breaker,
    Decision,
    PoolView,
    RoutingProblem,
    first_come_first_served,
)
from trx_workers.lab import simulate
from trx_workers.lab.regret import Regret, optimum, value


def round_of(seed: int, *, widest: int) -> RoutingProblem:
    rng = random.Random(seed)
    pools = [
        PoolView(
            pool(f"p{n}", rng.randint(1, 4), cost_per_unit=rng.uniform(0, 60)),
            rng.randint(0, 3),
            Breaker.OPEN if rng.random() < 0.1 else Breaker.CLOSED,
            lambda _, n=n: float(n),  # type: ignore[misc]
            lambda _: 0.9,
        )
        for n in range(3)
    ]
    tasks = [
        task(cost=rng.uniform(0, 5), slots=rng.randint(1, widest), priority=rng.randint(1, 10))
        for _ in range(5)
    ]
    return RoutingProblem(tasks, pools, now=rng.uniform(0, 50))


def least_of_all(problem: RoutingProblem) -> float:
    def fits(pools: tuple[int, ...]) -> bool:
        filled = [0] * len(problem.pools)
        for row, at in enumerate(pools):
            if at != HOLD:
                filled[at] += problem.tasks[row].slots
                if not problem.eligible[row, at]:
                    return False
        return all(f <= view.free for f, view in zip(filled, problem.pools, strict=True))

    choices = itertools.product((HOLD, 0, 1, 2), repeat=len(problem.tasks))
    return min(value(problem, list(pools)) for pools in choices if fits(pools))


@pytest.mark.parametrize("widest", [1, 3])
@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_the_least_of_all_decisions(seed: int, widest: int) -> None:
    problem = round_of(seed, widest=widest)
    assert optimum(problem) == pytest.approx(least_of_all(problem), abs=1e-6)


@pytest.mark.parametrize("slots", [2, 3])
def test_tasks_that_are_wide_alike_leave_odd_slots_empty(slots: int) -> None:
    views = [
        PoolView(pool(f"p{n}", 8), 7, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0)
        for n in range(2)
    ]
    problem = RoutingProblem([task(slots=slots) for _ in range(9)], views, now=1.0)
    placed = 2 * (7 // slots)
    by_hand = placed * problem.cost[0, 0] + (9 - placed) * problem.hold[0]
    assert optimum(problem) == pytest.approx(by_hand)


def test_a_run_knows_the_regret_of_its_rounds() -> None:
    fleet = Fleet(pools=(pool("dear", 9, cost_per_unit=5), pool("cheap", 9, cost_per_unit=1)))
    regret = Regret()
    run = simulate(
        fleet,
        named(lambda problem: Decision([0] * len(problem.tasks))),
        [task(0.0, cost=2.0), task(0.0, cost=3.0)],
        build=lambda _: Scripted(always(Outcome(1.0, True, 1.0))),
        regret=regret,
    )
    assert run.regret is regret
    assert regret.per_round().mean == pytest.approx((2 + 3) * (5 - 1))
    assert regret.share() is not None and regret.share() > 0  # type: ignore[operator]


def test_what_breaks_the_contract_counts_as_what_stands_in_for_it() -> None:
    problem, regret = round_of(3, widest=1), Regret()
    regret.observe(problem, Decision([99] * len(problem.tasks)))
    regret.observe(problem, first_come_first_served(problem))
    assert regret.rounds[0] == regret.rounds[1] >= 0
