"""The kit passes what keeps the contract and rejects what does not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

from trx_core.protocols import Algorithm
from trx_core.routing import HOLD, Breaker, Decision, RoutingProblem, first_come_first_served
from trx_core.testing import ALGORITHM_CHECKS, EMPTY_ROUNDS, check_algorithm, rounds

Route = Callable[[RoutingProblem], Any]


class Policy:
    def __init__(self, route: Route) -> None:
        self.route = route


def hold_everything(problem: RoutingProblem) -> Decision:
    return Decision([HOLD] * len(problem.tasks))


def fcfs_as_arrays(problem: RoutingProblem) -> Decision:
    placed = first_come_first_served(problem).pool
    size = len(problem.tasks)
    return Decision(np.array(placed, dtype=np.int64), np.arange(size), np.full(size, 0.5))


def drops_a_task(problem: RoutingProblem) -> Decision:
    return Decision([HOLD] * (len(problem.tasks) - 1))


def answers_with_a_list(problem: RoutingProblem) -> list[int]:
    return [HOLD] * len(problem.tasks)


def all_to_the_first(problem: RoutingProblem) -> Decision:
    return Decision([0 if problem.pools else HOLD] * len(problem.tasks))


def ignores_room(problem: RoutingProblem) -> Decision:
    if not problem.pools:
        return hold_everything(problem)
    best = np.where(problem.eligible, problem.cost, np.inf).argmin(axis=1)
    return Decision(np.where(problem.eligible.any(axis=1), best, HOLD))


def needs_a_task(problem: RoutingProblem) -> Decision:
    problem.priority.max()
    return first_come_first_served(problem)


def takes_slots_itself(problem: RoutingProblem) -> Decision:
    problem.free.setflags(write=True)
    problem.free[:] = 0
    return hold_everything(problem)


def marks_metadata(problem: RoutingProblem) -> Decision:
    for task in problem.tasks:
        task.metadata["tags"].append("seen")
    return hold_everything(problem)


def sorts_tasks(problem: RoutingProblem) -> Decision:
    problem.tasks = tuple(sorted(problem.tasks, key=lambda task: task.priority))
    return hold_everything(problem)


CALLS = count()


def remembers_across_runs(problem: RoutingProblem) -> Decision:
    decision = first_come_first_served(problem)
    return decision if next(CALLS) % 2 else hold_everything(problem)


def turns_about(problem: RoutingProblem) -> Decision:
    size = len(problem.tasks)
    return Decision([HOLD] * size, np.roll(np.arange(size), next(CALLS)))


MUTANTS: dict[Route, str] = {
    drops_a_task: "algorithm.decision",
    answers_with_a_list: "algorithm.decision",
    all_to_the_first: "algorithm.limits",
    ignores_room: "algorithm.limits",
    needs_a_task: "algorithm.empty",
    takes_slots_itself: "algorithm.purity",
    marks_metadata: "algorithm.purity",
    sorts_tasks: "algorithm.purity",
    remembers_across_runs: "algorithm.determinism",
    turns_about: "algorithm.determinism",
}


def failed(route: Route) -> dict[str, str]:
    results = check_algorithm(lambda: Policy(route))
    assert [one.check for one in results] == list(ALGORITHM_CHECKS)
    return {one.check.id: one.message for one in results if not one.passed}


@pytest.mark.parametrize("route", [first_come_first_served, hold_everything, fcfs_as_arrays])
def test_what_keeps_the_contract_passes(route: Route) -> None:
    assert failed(route) == {}


@pytest.mark.parametrize(("route", "check"), MUTANTS.items(), ids=lambda one: str(one)[:30])
def test_what_breaks_it_is_rejected_by_the_check_for_that(route: Route, check: str) -> None:
    assert check in failed(route)


def test_a_broken_limit_is_not_called_a_malformed_decision() -> None:
    assert set(failed(ignores_room)) == {"algorithm.limits"}


def test_the_message_names_the_round_and_the_rule() -> None:
    message = failed(ignores_room)["algorithm.limits"]
    assert message.startswith("in the round ")
    assert "TRX-P104" in message


def test_an_algorithm_that_cannot_be_made_fails_every_check() -> None:
    def make() -> Algorithm:
        raise RuntimeError("no weights")

    results = check_algorithm(make)
    assert {one.message for one in results} == {"raised RuntimeError: no weights"}


def test_each_check_has_a_unique_id_and_a_paragraph() -> None:
    assert len({check.id for check in ALGORITHM_CHECKS}) == len(ALGORITHM_CHECKS)
    assert all(check.about.endswith(".") for check in ALGORITHM_CHECKS)


def test_the_rounds_hold_what_algorithms_stumble_over() -> None:
    problems = [problem for _, problem in rounds()]
    assert any(view.breaker is Breaker.OPEN for p in problems for view in p.pools)
    assert any(view.pool.capacity == 0 for p in problems for view in p.pools)
    assert any((~p.eligible).all(axis=1).any() for p in problems)
    assert any(p.slots.sum() > p.free.sum() > 0 for p in problems)
    assert any(p.free.sum() == 0 and len(p.tasks) for p in problems)
    assert {p.shape[0] == 0 for _, p in rounds(EMPTY_ROUNDS)} == {True, False}


def test_the_rounds_are_in_order_of_arrival_and_the_same_every_time() -> None:
    for (_, problem), (_, again) in zip(rounds(), rounds(), strict=True):
        key = [(task.enqueued_at, task.id) for task in problem.tasks]
        assert key == sorted(key)
        assert problem.tasks == again.tasks
        assert np.array_equal(problem.cost, again.cost)
