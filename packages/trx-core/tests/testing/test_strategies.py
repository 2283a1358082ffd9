"""What the public strategies draw is what the models and the kernel take."""

from __future__ import annotations

from hypothesis import Phase, find, given, settings

from trx_core.models import Fleet, Outcome, Task, TaskRequest, WorkerPool
from trx_core.protocols import Arrival
from trx_core.routing import Breaker, RoutingProblem, first_come_first_served, validate
from trx_core.testing import strategies

FEW = settings(max_examples=20, deadline=None)


@FEW
@given(strategies.problems())
def test_problems_can_be_decided(problem: RoutingProblem) -> None:
    validate(problem, first_come_first_served(problem))
    assert problem.cost.shape == problem.shape
    assert all(0 <= view.free <= view.pool.capacity for view in problem.pools)
    assert (problem.age >= 0).all()


@FEW
@given(strategies.task_streams())
def test_streams_are_in_order_of_arrival(stream: list[Task]) -> None:
    key = [(task.enqueued_at, task.id) for task in stream]
    assert key == sorted(key)
    assert len({task.id for task in stream}) == len(stream)
    assert all(task.id.version == 7 for task in stream)


@FEW
@given(strategies.arrivals())
def test_arrivals_are_in_order_of_time(traffic: list[Arrival]) -> None:
    assert [one.at for one in traffic] == sorted(one.at for one in traffic)


@FEW
@given(strategies.fleets(), strategies.pools(), strategies.tasks(), strategies.requests())
def test_each_model_is_drawn(
    fleet: Fleet, pool: WorkerPool, task: Task, request: TaskRequest
) -> None:
    assert Fleet.model_validate(fleet.model_dump()) == fleet
    assert pool.name == "pool"
    assert TaskRequest.model_validate(request.model_dump()) == request
    assert 1 <= task.priority <= 10


@FEW
@given(strategies.outcomes())
def test_outcomes_tell_an_error_exactly_when_they_fail(outcome: Outcome) -> None:
    assert outcome.success == (outcome.error is None)


def test_the_awkward_is_drawn_soon() -> None:
    few = settings(max_examples=100, phases=[Phase.generate])
    find(strategies.pool_views(), lambda view: view.breaker is Breaker.OPEN, settings=few)
    find(strategies.pools(), lambda pool: pool.capacity == 0, settings=few)
    find(strategies.problems(), lambda problem: 0 in problem.shape, settings=few)
    find(strategies.task_streams(), lambda some: any(t.slots > 1 for t in some), settings=few)
