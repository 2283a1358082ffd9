"""The built-in algorithms, against plain readings of what they promise."""

from __future__ import annotations

import random
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_algorithms.fifo import Fifo
from trx_algorithms.greedy import Greedy
from trx_algorithms.plugin import trx_register_algorithms
from trx_core.ids import IdFactory
from trx_core.models import Task, WorkerPool, WorkerSpec
from trx_core.protocols import Algorithm, Order
from trx_core.routing import HOLD, Breaker, Objective, PoolView, RoutingProblem, validate
from trx_core.testing import RoundShape, make_round

NOW: Final = 1000.0
REGIONS: Final = ("eu-west", "us-east", "ap-south")
RESOURCES: Final = ("cpu", "gpu")
TYPES: Final = ("web", "render")
IDS: Final = IdFactory(random.Random(1))


def task(**fields: Any) -> Task:
    return Task(**{"id": IDS.one(NOW), "type": "web", "enqueued_at": NOW, **fields})


def pool(name: str = "p", free: int = 1, **fields: Any) -> PoolView:
    """A pool with ``free`` slots left; further fields are the catalogue's or the view's own."""
    view = {
        "breaker": fields.pop("breaker", Breaker.CLOSED),
        "latency": fields.pop("latency", {}),
        "success": fields.pop("success", {}),
    }
    catalogue = {
        "region": "eu-west",
        "resource_type": "cpu",
        "cost_per_unit": 1.0,
        "capacity": max(free, 1),
        "worker": WorkerSpec(kind="lognormal"),
        **fields,
    }
    return PoolView(
        WorkerPool(name=name, **catalogue),
        free,
        view["breaker"],
        lambda kind: view["latency"].get(kind, 1.0),
        lambda kind: view["success"].get(kind, 1.0),
    )


def problem(tasks: list[Task], pools: list[PoolView], **fields: Any) -> RoutingProblem:
    return RoutingProblem(tasks, pools, now=NOW, **fields)


def placed(algorithm: Algorithm, question: RoutingProblem) -> list[int]:
    return validate(question, algorithm.route(question))


@st.composite
def problems(draw: st.DrawFn) -> RoutingProblem:
    """Rounds of every kind: empty, without pools, of many slots, with open breakers."""
    ages = st.sampled_from([0.0, 0.5, 3.0, 60.0])
    tasks = draw(
        st.lists(
            st.builds(
                task,
                type=st.sampled_from(TYPES),
                priority=st.integers(1, 10),
                cost=st.sampled_from([0.0, 1.0, 2.5, 40.0]),
                slots=st.integers(1, 4),
                region=st.sampled_from([None, *REGIONS]),
                resource_type=st.sampled_from([None, *RESOURCES]),
                enqueued_at=ages.map(lambda age: NOW - age),
            ),
            max_size=25,
        )
    )
    seconds, odds = st.sampled_from([0.1, 1.0, 5.0]), st.sampled_from([0.5, 0.9, 1.0])
    shapes = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "free": st.integers(0, 8),
                    "region": st.sampled_from(REGIONS),
                    "resource_type": st.sampled_from(RESOURCES),
                    "cost_per_unit": st.sampled_from([0.0, 0.1, 1.0]),
                    "breaker": st.sampled_from(Breaker),
                    "latency": st.fixed_dictionaries(dict.fromkeys(TYPES, seconds)),
                    "success": st.fixed_dictionaries(dict.fromkeys(TYPES, odds)),
                }
            ),
            max_size=6,
        )
    )
    pools = [pool(f"p{number}", **shape) for number, shape in enumerate(shapes)]
    hold, wait = draw(st.sampled_from([0.0, 1.5, 100.0])), draw(st.sampled_from([0.0, 0.1]))
    tasks.sort(key=lambda item: item.enqueued_at)
    return problem(tasks, pools, objective=Objective(hold=hold, wait=wait))


def greedy_by_the_book(question: RoutingProblem) -> list[int]:
    """What :class:`Greedy` promises, one task and one pool at a time."""
    free = [view.free for view in question.pools]
    answer = [HOLD] * len(question.tasks)
    urgency = sorted(
        range(len(question.tasks)),
        key=lambda row: (-question.tasks[row].priority, question.tasks[row].enqueued_at, row),
    )
    for row in urgency:
        slots = question.tasks[row].slots
        fitting = [
            column
            for column in range(len(free))
            if question.eligible[row, column] and slots <= free[column]
        ]
        best = min(fitting, key=lambda column: question.cost[row, column], default=HOLD)
        if best != HOLD and question.cost[row, best] <= question.hold[row]:
            answer[row] = best
            free[best] -= slots
    return answer


def fifo_by_the_book(question: RoutingProblem) -> list[int]:
    """What :class:`Fifo` promises, one task and one pool at a time."""
    free = [view.free for view in question.pools]
    answer = [HOLD] * len(question.tasks)
    for row, waiting in enumerate(question.tasks):
        fitting = [
            column
            for column in range(len(free))
            if question.eligible[row, column] and waiting.slots <= free[column]
        ]
        best = max(fitting, key=lambda column: free[column], default=HOLD)
        if best != HOLD:
            answer[row] = best
            free[best] -= waiting.slots
    return answer


@pytest.mark.parametrize("algorithm", [Fifo(), Greedy()])
class TestEveryAlgorithm:
    @given(question=problems())
    def test_keeps_the_contract(self, algorithm: Algorithm, question: RoutingProblem) -> None:
        validate(question, algorithm.route(question))

    @given(question=problems())
    def test_answers_the_same_again(self, algorithm: Algorithm, question: RoutingProblem) -> None:
        assert placed(algorithm, question) == placed(algorithm, question)

    @pytest.mark.parametrize("tasks", [[], [task(), task(region="us-east")]])
    @pytest.mark.parametrize("pools", [[], [pool(free=0)]])
    def test_holds_everything_where_there_is_no_room(
        self, algorithm: Algorithm, tasks: list[Task], pools: list[PoolView]
    ) -> None:
        assert placed(algorithm, problem(tasks, pools)) == [HOLD] * len(tasks)

    def test_a_task_too_large_for_what_is_left_does_not_block_the_next(
        self, algorithm: Algorithm
    ) -> None:
        tasks = [task(slots=2), task(slots=2), task(slots=1)]
        assert placed(algorithm, problem(tasks, [pool(free=3)])) == [0, HOLD, 0]


class TestFifo:
    @given(question=problems())
    def test_decides_as_promised(self, question: RoutingProblem) -> None:
        assert placed(Fifo(), question) == fifo_by_the_book(question)

    def test_serves_in_order_of_arrival_whatever_the_priority(self) -> None:
        tasks = [task(priority=1), task(priority=10)]
        assert placed(Fifo(), problem(tasks, [pool(free=1)])) == [0, HOLD]

    def test_spreads_over_the_pools_with_most_free_slots(self) -> None:
        pools = [pool("small", free=1), pool("large", free=3, cost_per_unit=99.0)]
        assert placed(Fifo(), problem([task() for _ in range(4)], pools)) == [1, 1, 0, 1]


class TestGreedy:
    @given(question=problems())
    def test_decides_as_promised(self, question: RoutingProblem) -> None:
        assert placed(Greedy(), question) == greedy_by_the_book(question)

    def test_decides_as_promised_in_a_large_round(self) -> None:
        question = make_round(RoundShape("large", 700, 12, capacity=90))
        assert placed(Greedy(), question) == greedy_by_the_book(question)

    @given(question=problems())
    def test_names_the_tasks_by_urgency(self, question: RoutingProblem) -> None:
        order = np.asarray(Greedy().route(question).order).tolist()
        keys = [(-question.priority[row], -question.age[row], row) for row in order]
        assert keys == sorted(keys)

    def test_serves_priority_before_age_and_age_before_arrival(self) -> None:
        tasks = [
            task(priority=5, enqueued_at=NOW - 9),
            task(priority=9, enqueued_at=NOW - 1),
            task(priority=9, enqueued_at=NOW - 2),
        ]
        assert placed(Greedy(), problem(tasks, [pool(free=2)])) == [HOLD, 0, 0]

    @pytest.mark.parametrize(
        ("cheap", "dear"),
        [
            ({"cost_per_unit": 0.1}, {"cost_per_unit": 0.9}),
            ({"latency": {"web": 0.2}}, {"latency": {"web": 0.9}}),
            ({"region": "us-east"}, {"region": "ap-south"}),
            ({"success": {"web": 0.99}}, {"success": {"web": 0.5}}),
        ],
        ids=["money", "latency", "region", "risk"],
    )
    def test_weighs_every_term_of_the_objective(
        self, cheap: dict[str, Any], dear: dict[str, Any]
    ) -> None:
        question = problem([task(region="us-east")], [pool("a", **dear), pool("b", **cheap)])
        assert placed(Greedy(), question) == [1]

    def test_takes_the_second_best_when_the_best_is_full(self) -> None:
        pools = [pool("best", free=1, cost_per_unit=0.0), pool("next", free=2)]
        assert placed(Greedy(), problem([task() for _ in range(4)], pools)) == [0, 1, 1, HOLD]

    def test_holds_what_costs_more_to_place_than_to_hold(self) -> None:
        objective = Objective(hold=5.0, wait=0.0)
        tasks = [task(cost=4.0), task(cost=5.0), task(cost=5.1)]
        pools = [pool("best", free=0, cost_per_unit=0.0), pool("next", free=9)]
        assert placed(Greedy(), problem(tasks, pools, objective=objective)) == [1, 1, HOLD]

    def test_places_it_after_all_once_it_has_waited_long_enough(self) -> None:
        objective = Objective(hold=0.0, wait=0.1)
        waits = [task(enqueued_at=NOW - 1), task(enqueued_at=NOW - 100)]
        pools = [pool("best", free=0, cost_per_unit=0.0), pool("next", free=9)]
        assert placed(Greedy(), problem(waits, pools, objective=objective)) == [HOLD, 1]

    def test_holds_nothing_while_its_best_pool_has_room(self) -> None:
        objective = Objective(hold=0.0, wait=0.0)
        pools = [pool("dear", free=9, cost_per_unit=9.0), pool("best", free=9)]
        question = problem([task(cost=1e9)], pools, objective=objective)
        assert placed(Greedy(), question) == [1]


FIRST: Final = ("fifo", "greedy", "min-cost-flow")


def test_the_plugin_offers_what_it_names() -> None:
    specs = {spec.name: spec for spec in trx_register_algorithms()}
    assert {name: spec.order for name, spec in specs.items() if name in FIRST} == {
        "fifo": Order.ARRIVAL,
        "greedy": Order.PRIORITY,
        "min-cost-flow": Order.PRIORITY,
    }
    assert all(isinstance(spec.build(), Algorithm) for spec in specs.values())
