"""Every column of a round, against the same said in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_bench import pool, task

from trx_core.models import Fleet, Task
from trx_core.routing import Breaker, Objective, PoolView, RoutingProblem
from trx_core.testing import strategies

COLUMNS = {
    "priority": "T",
    "size": "T",
    "age": "T",
    "attempt": "T",
    "slots": "T",
    "deadline": "T",
    "expected_duration": "T",
    "type_code": "T",
    "region_code": "T",
    "region_required": "T",
    "hold": "T",
    "least": "T",
    "patience": "T",
    "pool_region": "P",
    "cost_per_unit": "P",
    "capacity": "P",
    "free": "P",
    "load": "P",
    "breaker": "P",
    "latency": "KP",
    "success": "KP",
    "eligible": "TP",
    "region_distance": "DP",
    "cost": "TP",
}
WHOLE = {"priority", "attempt", "slots", "type_code", "region_code"}
TRUTHS = {"eligible", "region_required"}
WHOLE |= {"pool_region", "capacity", "free", "load", "breaker"}


def view(
    name: str = "a", free: int = 2, breaker: Breaker = Breaker.CLOSED, **more: Any
) -> PoolView:
    latency, success = more.pop("latency", 1.0), more.pop("success", 1.0)
    return PoolView(
        pool(name, **({"capacity": 4} | more)), free, breaker, lambda _: latency, lambda _: success
    )


@st.composite
def problems(draw: st.DrawFn) -> RoutingProblem:
    """Rounds as the kit draws them, with distances between their regions."""
    plain, fleet = draw(strategies.problems(max_tasks=6, max_pools=4)), draw(strategies.fleets())
    return RoutingProblem(
        plain.tasks,
        plain.pools,
        now=plain.now,
        number=plain.number,
        objective=plain.objective,
        distance=fleet.distance,
    )


def far(distance: Mapping[str, Mapping[str, float]], here: str | None, there: str) -> float:
    if here is None or here == there:
        return 0.0
    if here in distance and there in distance[here]:
        return distance[here][there]
    if there in distance and here in distance[there]:
        return distance[there][here]
    return 1.0


def fits(one: Task, at: PoolView) -> bool:
    return (
        one.resource_type in (None, at.pool.resource_type)
        and (one.region == at.pool.region or not one.region_required)
        and one.slots <= at.pool.capacity
        and at.breaker is not Breaker.OPEN
    )


@settings(max_examples=30, deadline=None)
@given(problems())
def test_columns_of_the_tasks(problem: RoutingProblem) -> None:
    tasks, now, weights = problem.tasks, problem.now, problem.objective
    assert problem.priority.tolist() == [t.priority for t in tasks]
    assert problem.size.tolist() == [t.cost for t in tasks]
    assert problem.age.tolist() == [max(0.0, now - t.enqueued_at) for t in tasks]
    assert problem.attempt.tolist() == [t.attempt for t in tasks]
    assert problem.slots.tolist() == [t.slots for t in tasks]
    assert problem.deadline.tolist() == [inf if t.deadline is None else t.deadline for t in tasks]
    for said, one in zip(problem.expected_duration.tolist(), tasks, strict=True):
        assert isnan(said) if one.expected_duration is None else said == one.expected_duration
    assert [problem.types[code] for code in problem.type_code] == [t.type for t in tasks]
    assert problem.region_required.tolist() == [t.region_required for t in tasks]
    assert len(set(problem.types)) == len(problem.types)
    assert problem.patience.tolist() == pytest.approx(
        [weights.hold + weights.wait * t.priority * max(0.0, now - t.enqueued_at) for t in tasks]
    )
    assert problem.hold.tolist() == pytest.approx(problem.least + problem.patience)


@settings(max_examples=30, deadline=None)
@given(problems())
def test_columns_of_the_pools(problem: RoutingProblem) -> None:
    pools = [view.pool for view in problem.pools]
    assert [problem.regions[code] for code in problem.pool_region] == [p.region for p in pools]
    assert problem.cost_per_unit.tolist() == [p.cost_per_unit for p in pools]
    assert problem.capacity.tolist() == [p.capacity for p in pools]
    assert problem.free.tolist() == [view.free for view in problem.pools]
    assert problem.load.tolist() == [max(0, v.pool.capacity - v.free) for v in problem.pools]
    assert problem.breaker.tolist() == [int(view.breaker) for view in problem.pools]


@settings(max_examples=30, deadline=None)
@given(problems())
def test_tables_and_matrices(problem: RoutingProblem) -> None:
    weights = problem.objective
    for row, one in enumerate(problem.tasks):
        for column, at in enumerate(problem.pools):
            kind = problem.type_code[row]
            assert problem.latency[kind, column] == at.latency(one.type)
            assert problem.success[kind, column] == at.success(one.type)
            assert problem.eligible[row, column] == fits(one, at)
            distance = far(problem.distance, one.region, at.pool.region)
            assert problem.region_distance[problem.region_code[row], column] == distance
            assert problem.cost[row, column] == pytest.approx(
                weights.money * one.cost * at.pool.cost_per_unit
                + weights.latency * at.latency(one.type)
                + weights.region * distance
                + weights.risk * (1 - at.success(one.type))
            )


@settings(max_examples=20, deadline=None)
@given(problems())
def test_shapes_types_and_read_only_arrays(problem: RoutingProblem) -> None:
    tasks, pools = problem.shape
    assert (tasks, pools) == (len(problem.tasks), len(problem.pools))
    sizes = {"T": tasks, "P": pools, "K": len(problem.types), "D": len(problem.regions) + 1}
    for name, axes in COLUMNS.items():
        column = getattr(problem, name)
        assert column.shape == tuple(sizes[axis] for axis in axes), name
        whole = np.int64 if name in WHOLE else np.float64
        assert column.dtype == (np.bool_ if name in TRUTHS else whole), name
        assert not column.flags.writeable, name
        assert getattr(problem, name) is column, "it is computed once"


def test_no_column_is_left_out_of_these_tests() -> None:
    problem = RoutingProblem([task()], [view()], now=1.0)
    public = (name for name in dir(problem) if not name.startswith("_"))
    arrays = {name for name in public if isinstance(getattr(problem, name), np.ndarray)}
    assert arrays == set(COLUMNS)


def test_a_column_cannot_be_written_to() -> None:
    problem = RoutingProblem([task()], [view()], now=1.0)
    for name in COLUMNS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(problem, name)[...] = 0


def test_tasks_and_pools_are_in_the_order_given() -> None:
    one, two = task(), task()
    problem = RoutingProblem([two, one], [view("b"), view("a")], now=1.0)
    assert problem.tasks == (two, one)
    assert [each.pool.name for each in problem.pools] == ["b", "a"]


def test_a_task_from_the_future_is_of_age_nought() -> None:
    assert RoutingProblem([task(5.0)], [], now=1.0).age.tolist() == [0.0]


@pytest.mark.parametrize(
    ("wanted", "pools", "expected"),
    [
        ({}, {"resource_type": "gpu"}, True),
        ({"resource_type": "gpu"}, {"resource_type": "gpu"}, True),
        ({"resource_type": "gpu"}, {"resource_type": "cpu"}, False),
        ({"slots": 4}, {"capacity": 4}, True),
        ({"slots": 5}, {"capacity": 4}, False),
        ({}, {"capacity": 0, "free": 0}, False),
        ({}, {"breaker": Breaker.OPEN}, False),
        ({}, {"breaker": Breaker.HALF_OPEN}, True),
        ({"slots": 3}, {"capacity": 4, "free": 2}, True),
        ({"region": "us"}, {"region": "eu"}, True),
        ({"region": "us", "region_required": True}, {"region": "eu"}, False),
        ({"region": "eu", "region_required": True}, {"region": "eu"}, True),
        ({"region": None, "region_required": True}, {"region": "eu"}, True),
    ],
)
def test_eligibility(wanted: dict[str, Any], pools: dict[str, Any], expected: bool) -> None:
    for count in (1, 100):
        problem = RoutingProblem([task(**wanted)] * count, [view(**pools)], now=0.0)
        assert problem.eligible.tolist() == [[expected]] * count


def test_the_cost_is_the_documented_sum() -> None:
    weights = Objective(money=2, latency=3, region=5, risk=7, hold=11, wait=13)
    problem = RoutingProblem(
        [task(10.0, cost=4.0, region="us", priority=6)],
        [view(region="eu", cost_per_unit=0.5, latency=0.25, success=0.9)],
        now=12.0,
        objective=weights,
        distance={"eu": {"us": 0.5}},
    )
    assert problem.cost.tolist() == [[pytest.approx(2 * 4 * 0.5 + 3 * 0.25 + 5 * 0.5 + 7 * 0.1)]]
    assert problem.patience.tolist() == [pytest.approx(11 + 13 * 6 * 2)]
    assert problem.hold.tolist() == [pytest.approx(problem.cost[0, 0] + 11 + 13 * 6 * 2)]


@settings(max_examples=30, deadline=None)
@given(problems())
def test_the_least_cost_is_that_of_the_best_pool_that_may_take_it(problem: RoutingProblem) -> None:
    expected = [
        min((cost for cost, may in zip(row, may_take, strict=True) if may), default=0.0)
        for row, may_take in zip(problem.cost.tolist(), problem.eligible.tolist(), strict=True)
    ]
    assert problem.least.tolist() == expected


def test_the_least_cost_of_many_tasks_needs_no_matrix() -> None:
    pools = [view(f"p{n}", cost_per_unit=1.0 + n % 7, capacity=n % 3) for n in range(50)]
    tasks = [task(cost=float(n), region="us", slots=1 + n % 2) for n in range(2_000)]
    problem = RoutingProblem(tasks, pools, now=0.0)
    lean = problem.least
    assert not {"cost", "eligible"} & set(vars(problem))
    assert problem.cost.size == 100_000
    assert lean.tolist() == RoutingProblem(tasks, pools, now=0.0).of(tasks).least.tolist()
    assert lean.tolist() == np.where(problem.eligible, problem.cost, np.inf).min(axis=1).tolist()


def test_a_fleets_distances_hold_in_both_directions_unless_both_are_given() -> None:
    pools = [view("eu", region="eu"), view("us", region="us"), view("mars", region="mars")]
    tasks = [task(region=region) for region in ("eu", "us", None)]
    fleet = Fleet(
        pools=tuple(v.pool for v in pools),
        distance={"eu": {"us": 0.5, "eu": 9.0}, "us": {"mars": 3.0}, "mars": {"us": 4.0}},
    )
    problem = RoutingProblem(tasks, pools, now=0.0, distance=fleet.distance)
    assert problem.region_distance[problem.region_code].tolist() == [
        [0.0, 0.5, 1.0],
        [0.5, 0.0, 3.0],
        [0.0, 0.0, 0.0],
    ]


@pytest.mark.parametrize(("tasks", "pools"), [(0, 0), (0, 3), (3, 0)])
def test_without_tasks_or_pools_every_column_is_there(tasks: int, pools: int) -> None:
    problem = RoutingProblem(
        [task(region="eu", resource_type="gpu") for _ in range(tasks)],
        [view(f"p{n}") for n in range(pools)],
        now=0.0,
    )
    for name, axes in COLUMNS.items():
        column = getattr(problem, name)
        sizes = {"T": tasks, "P": pools, "K": min(tasks, 1), "D": len(problem.regions) + 1}
        assert column.shape == tuple(sizes[axis] for axis in axes), name


@pytest.mark.parametrize("tasks", [3, 300])
def test_nothing_that_a_decision_is_judged_by_can_be_changed(tasks: int) -> None:
    view = PoolView(pool("cpu"), 1, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0)
    problem = RoutingProblem([task() for _ in range(tasks)], [view], now=0.0)
    for name in ("tasks", "pools", "now", "eligible"):
        with pytest.raises(AttributeError, match="read-only"):
            setattr(problem, name, ())
        with pytest.raises(AttributeError, match="read-only"):
            delattr(problem, name)
    for column in (problem.eligible, problem.free, problem.cost):
        with pytest.raises(ValueError, match="WRITEABLE"):
            column.flags.writeable = True


@given(strategies.problems())
def test_the_prices_of_one_task_are_those_of_the_matrices_to_the_bit(
    problem: RoutingProblem,
) -> None:
    for row, one in enumerate(problem.tasks):
        prices, hold = problem.prices(one)
        assert prices == np.where(problem.eligible[row], problem.cost[row], inf).tolist()
        assert hold == problem.hold[row]
