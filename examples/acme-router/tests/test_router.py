"""What the policy does with a round."""

from __future__ import annotations

from uuid import UUID

import pytest

from acme_router.router import BudgetRouter
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.routing import Breaker, PoolView, RoutingProblem

SECONDS = {"quick": 0.1, "cheap": 3.0}
PRICE = {"quick": 2.0, "cheap": 0.1}


def pool(name: str) -> PoolView:
    made = WorkerPool.model_validate(
        {
            "name": name,
            "region": "eu",
            "resource_type": "cpu",
            "cost_per_unit": PRICE[name],
            "capacity": 10,
            "worker": WorkerSpec(kind="none"),
        }
    )
    return PoolView(made, 10, Breaker.CLOSED, lambda _: SECONDS[name], lambda _: 1.0)


def problem(*priorities: int, now: float = 0.0) -> RoutingProblem:
    tasks = [Task(UUID(int=n), "any", priority=p) for n, p in enumerate(priorities, start=1)]
    return RoutingProblem(tasks, [pool("quick"), pool("cheap")], now=now)


def routed(router: BudgetRouter, *priorities: int, now: float = 0.0) -> list[str]:
    return [list(SECONDS)[index] for index in router.route(problem(*priorities, now=now)).pool]


def test_within_the_budget_the_objective_alone_decides() -> None:
    router = BudgetRouter(per_hour=1_000_000.0)
    assert routed(router, 5, 5) == ["quick", "quick"]


def test_beyond_the_budget_money_counts_for_more() -> None:
    router = BudgetRouter(per_hour=1.0)
    assert routed(router, 5) == ["quick"]
    assert routed(router, 5) == ["cheap"]


def test_an_urgent_task_does_not_look_at_the_price() -> None:
    router = BudgetRouter(per_hour=1.0, urgent=9)
    routed(router, 5)
    assert routed(router, 8, 9, 10) == ["cheap", "quick", "quick"]


def test_once_it_is_paid_off_the_objective_decides_again() -> None:
    router = BudgetRouter(per_hour=3600.0)
    routed(router, *[5] * 10)
    assert routed(router, 5, now=1.0) == ["cheap"]
    assert routed(router, 5, now=60.0) == ["quick"]


@pytest.mark.parametrize("wrong", [{"per_hour": 0}, {"tolerance": 0}, {"urgent": 0}])
def test_wrong_parameters_are_refused_by_name(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        BudgetRouter(**wrong)  # type: ignore[arg-type]
