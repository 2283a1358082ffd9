"""Routing algorithms that each hold tasks of one kind for ever."""

from __future__ import annotations

from typing import Any

import numpy as np

from trx_core.routing import HOLD, Breaker, Decision, RoutingProblem, first_come_first_served

from .algorithm_mutants import decide, hold_everything, narrow


def never_pays_more_than_fifty(problem: RoutingProblem) -> Decision:
    dear = problem.cost_per_unit > 50.0
    return first_come_first_served(problem) if not dear.any() else hold_everything(problem)


def puts_off_the_unimportant(problem: RoutingProblem) -> Decision:
    lone = len(problem.tasks) == 1 and problem.capacity.sum() == 1
    return (
        hold_everything(problem)
        if lone and problem.priority[0] < 5
        else first_come_first_served(problem)
    )


def hold(problem: RoutingProblem, rows: Any) -> Decision:
    """First come, first served, but for these rows."""
    placed = np.array(first_come_first_served(problem).pool, dtype=np.int64)
    placed[np.asarray(rows, dtype=bool)] = HOLD
    return Decision(placed)


def gives_up_on_what_has_failed(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.attempt >= 1)


def waits_for_a_pool_nearby(problem: RoutingProblem) -> Decision:
    regions = {view.pool.region for view in problem.pools}
    away = [task.region is not None and task.region not in regions for task in problem.tasks]
    return hold(problem, away)


def gives_up_on_what_is_overdue(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.deadline < problem.now)


def never_probes(problem: RoutingProblem) -> Decision:
    sound = problem.breaker == Breaker.CLOSED
    return decide(problem, problem.eligible & narrow(problem) & sound)


def puts_off_the_unimportant_among_others(problem: RoutingProblem) -> Decision:
    return hold(problem, (problem.priority < 3) & (len(problem.tasks) > 30))


def holds_the_widest_tasks(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.slots > 4)


def waits_for_another_resource(problem: RoutingProblem) -> Decision:
    return hold(problem, [task.resource_type == "gpu" for task in problem.tasks])


def shuns_what_is_bound_to_its_region(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.region_required)


def best(table: Any, problem: RoutingProblem) -> Any:
    """[T] the least of each task's type."""
    return table[problem.type_code].min(axis=1, initial=0.0 if not problem.pools else np.inf)


def waits_for_a_faster_pool(problem: RoutingProblem) -> Decision:
    return hold(problem, best(problem.latency, problem) > 60.0)


def waits_for_a_surer_pool(problem: RoutingProblem) -> Decision:
    return hold(problem, best(-problem.success, problem) > -0.5)


def puts_off_what_earns_nothing(problem: RoutingProblem) -> Decision:
    return hold(problem, [task.cost == 0.0 for task in problem.tasks])


def never_risks_a_fortune(problem: RoutingProblem) -> Decision:
    return hold(problem, [task.cost > 1_000.0 for task in problem.tasks])


def gives_up_after_four_attempts(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.attempt >= 4)


def has_no_time_for_batches(problem: RoutingProblem) -> Decision:
    return hold(problem, [task.type == "batch" for task in problem.tasks])


def cannot_stand_one_tenant(problem: RoutingProblem) -> Decision:
    return hold(problem, [task.metadata.get("tenant") == "b" for task in problem.tasks])


def holds_what_is_wider_than_eight(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.slots > 8)


def holds_what_is_seventeen_wide(problem: RoutingProblem) -> Decision:
    return hold(problem, problem.slots == 17)
