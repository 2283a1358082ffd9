"""Hypothesis strategies for everything that a plugin is asked about; needs ``trx-core[testing]``.

What they draw is within the bounds of the models, shrinks to the plain and the small, and holds the
awkward on purpose: no tasks, no pools, drained pools, open breakers, ties, tasks of several slots.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from trx_core.models import ErrorKind, Fleet, Outcome, Task, TaskRequest, WorkerPool, WorkerSpec
from trx_core.protocols import Arrival
from trx_core.routing import Breaker, Objective, PoolView, RoutingProblem

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = [
    "arrivals",
    "fleets",
    "metadata",
    "objectives",
    "outcomes",
    "pool_views",
    "pools",
    "problems",
    "requests",
    "task_streams",
    "tasks",
]

NOW: Final = 1_000.0
TYPES: Final = ("encode", "train", "infer")
REGIONS: Final = ("eu", "us", "asia")
RESOURCES: Final = ("cpu", "gpu")
LONGEST_WAIT: Final = 600.0
V7: Final = (0x7 << 76) | (0x2 << 62)
T = TypeVar("T")


def metadata() -> SearchStrategy[dict[str, Any]]:
    """JSON objects as callers send them."""
    from hypothesis import strategies as st

    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    plain = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | floats | text
    deep = st.recursive(
        plain,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=6,
    )
    return st.dictionaries(text, deep, max_size=4)


def requests() -> SearchStrategy[TaskRequest]:
    """What a caller may say of a task."""
    from hypothesis import strategies as st

    fields = st.fixed_dictionaries(
        {
            "type": st.sampled_from(TYPES),
            "priority": st.integers(1, 10),
            "cost": _amounts(),
            "region": _perhaps(REGIONS),
            "metadata": metadata(),
            "slots": st.integers(1, 4),
            "resource_type": _perhaps(RESOURCES),
            "deadline_seconds": st.none() | st.floats(0.001, 1e6),
            "expected_duration": st.none() | st.floats(0.001, 1e6),
            "region_required": st.booleans(),
        }
    )
    return fields.map(lambda drawn: TaskRequest(**_bound(drawn)))


def arrivals(*, max_size: int = 30) -> SearchStrategy[list[Arrival]]:
    """Traffic as a scenario or a trace gives it: in order of time."""
    from hypothesis import strategies as st

    lines = st.lists(st.tuples(st.floats(0.0, 1e6), requests()), max_size=max_size)
    return lines.map(lambda found: [Arrival(*one) for one in sorted(found, key=_first)])


def tasks(*, now: float = NOW) -> SearchStrategy[Task]:
    """One task that waits at ``now``, seconds."""
    return task_streams(min_size=1, max_size=1, now=now).map(_only)


def task_streams(
    *, min_size: int = 0, max_size: int = 30, now: float = NOW
) -> SearchStrategy[list[Task]]:
    """Tasks that wait at ``now`` (seconds), in order of arrival, their ids unique and rising."""
    from hypothesis import strategies as st

    fields = st.fixed_dictionaries(
        {
            "type": st.sampled_from(TYPES),
            "priority": st.integers(1, 10),
            "cost": _amounts(),
            "region": _perhaps(REGIONS),
            "metadata": st.just({}) | metadata(),
            "attempt": st.integers(0, 5),
            "slots": st.sampled_from([1, 1, 2, 3, 8]),
            "resource_type": _perhaps(RESOURCES),
            "deadline": st.none() | st.floats(now - 100.0, now + 1_000.0),
            "expected_duration": st.none() | st.floats(0.001, 1e4),
            "region_required": st.booleans(),
        }
    ).map(_bound)
    ages = st.sampled_from([0.0, 1.0, 60.0]) | st.floats(0.0, LONGEST_WAIT)
    found = st.lists(st.tuples(ages, fields), min_size=min_size, max_size=max_size)
    return found.map(lambda lines: _stream(sorted(lines, key=_first, reverse=True), now))


def pools(*, name: str = "pool") -> SearchStrategy[WorkerPool]:
    """One pool of that name; one in a few is drained."""
    from hypothesis import strategies as st

    return st.builds(
        lambda **fields: WorkerPool.model_validate({"name": name, **fields}),
        region=st.sampled_from(REGIONS),
        resource_type=st.sampled_from(RESOURCES),
        cost_per_unit=_amounts(),
        capacity=st.integers(0, 16),
        expected_latency=st.sampled_from([0.1, 1.0, 5.0]) | st.floats(0.001, 1e4),
        expected_success=st.sampled_from([0.5, 0.9, 1.0]) | st.floats(0.0, 1.0),
        worker=st.just(WorkerSpec(kind="none")),
    )


def fleets(*, min_size: int = 1, max_size: int = 8) -> SearchStrategy[Fleet]:
    """Pools of different names, and some distances between their regions."""
    from hypothesis import strategies as st

    distance = st.dictionaries(
        st.sampled_from(REGIONS),
        st.dictionaries(st.sampled_from(REGIONS), st.floats(0.0, 10.0), max_size=2),
        max_size=2,
    )
    several = _named(pools, min_size, max_size)
    return st.builds(lambda found, far: Fleet(pools=found, distance=far), several, distance)


def pool_views(*, name: str = "pool", now: float = NOW) -> SearchStrategy[PoolView]:
    """What a round knows of one pool."""
    from hypothesis import strategies as st

    @st.composite
    def views(draw: DrawFn) -> PoolView:
        pool = draw(pools(name=name))
        state = draw(st.sampled_from(Breaker))
        free = draw(st.integers(0, pool.capacity))
        free = {Breaker.CLOSED: free, Breaker.HALF_OPEN: min(free, 1), Breaker.OPEN: 0}[state]
        ends = st.floats(now, now + 100.0)
        taken = draw(st.lists(ends, max_size=pool.capacity - free))
        latency = draw(_by_type(st.sampled_from([0.1, 1.0, 5.0]) | st.floats(0.001, 1e4)))
        success = draw(_by_type(st.sampled_from([0.5, 0.9, 1.0]) | st.floats(0.0, 1.0)))
        return PoolView(
            pool,
            free,
            state,
            latency.__getitem__,
            success.__getitem__,
            tuple((end, 1) for end in taken),
        )

    return views()


def objectives() -> SearchStrategy[Objective]:
    """Weights, any of which may be nothing."""
    from hypothesis import strategies as st

    weight = st.sampled_from([0.0, 0.1, 1.0, 100.0])
    return st.builds(Objective, **dict.fromkeys(Objective.model_fields, weight))


def problems(
    *, max_tasks: int = 20, max_pools: int = 6, now: float = NOW
) -> SearchStrategy[RoutingProblem]:
    """Rounds of every kind; without tasks or without pools as well."""
    from hypothesis import strategies as st

    def views(name: str) -> SearchStrategy[PoolView]:
        return pool_views(name=name, now=now)

    return st.builds(
        lambda waiting, found, number, weights: RoutingProblem(
            waiting, found, now=now, number=number, objective=weights
        ),
        task_streams(max_size=max_tasks, now=now),
        _named(views, 0, max_pools),
        st.integers(1, 1_000),
        objectives(),
    )


def outcomes() -> SearchStrategy[Outcome]:
    """What a worker may say of an attempt."""
    from hypothesis import strategies as st

    measures = st.tuples(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
    errors = st.sampled_from([None, *ErrorKind])
    return st.builds(
        lambda measure, error: Outcome(measure[0], error is None, measure[1], error),
        measures,
        errors,
    )


def _amounts() -> SearchStrategy[float]:
    from hypothesis import strategies as st

    return st.sampled_from([0.0, 1.0, 2.5]) | st.floats(0.0, 1e6)


def _perhaps(values: Sequence[T]) -> SearchStrategy[T | None]:
    from hypothesis import strategies as st

    return st.sampled_from([None, *values])


def _bound(fields: dict[str, Any]) -> dict[str, Any]:
    """A task that names no region is bound to none."""
    return {**fields, "region_required": fields["region_required"] and fields["region"] is not None}


def _by_type(values: SearchStrategy[float]) -> SearchStrategy[dict[str, float]]:
    from hypothesis import strategies as st

    return st.fixed_dictionaries(dict.fromkeys(TYPES, values))


def _named(make: Any, least: int, most: int) -> SearchStrategy[list[Any]]:
    """Between ``least`` and ``most`` of what ``make(name=…)`` draws, each with its own name."""
    from hypothesis import strategies as st

    return st.integers(least, most).flatmap(
        lambda count: st.tuples(*(make(name=f"pool-{index}") for index in range(count))).map(list)
    )


def _stream(lines: Sequence[tuple[float, dict[str, Any]]], now: float) -> list[Task]:
    return [
        Task(id=UUID(int=V7 | (index + 1) << 80), enqueued_at=now - age, **fields)
        for index, (age, fields) in enumerate(lines)
    ]


def _first(line: tuple[Any, Any]) -> Any:
    return line[0]


def _only(found: Sequence[T]) -> T:
    return found[0]
