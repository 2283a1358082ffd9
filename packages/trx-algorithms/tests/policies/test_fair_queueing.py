"""Tenants that share a fleet."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene import HOLD, placed, pool, problem, task

from trx_algorithms.fair_queueing import WeightedFairQueueing
from trx_core.models import Task


def of(tenant: str, seconds: float = 1.0, **fields: Any) -> Task:
    return task(metadata={"tenant": tenant}, expected_duration=seconds, **fields)


def served(
    policy: WeightedFairQueueing, backlog: list[Task], rounds: int, slots: int = 1
) -> Counter[str]:
    """Slot-seconds that each tenant is given, in rounds of ``slots`` slots of one second each."""
    given: Counter[str] = Counter()
    for _ in range(rounds):
        answer = placed(policy, problem(backlog, [pool("p", slots)]))
        for one in [one for one, index in zip(backlog, answer, strict=True) if index != HOLD]:
            backlog.remove(one)
            given[one.metadata["tenant"]] += one.slots * (one.expected_duration or 0)  # type: ignore[assignment]
    return given


@settings(max_examples=20)
@given(
    weights=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    lengths=st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=4, max_size=4),
    slots=st.integers(1, 3),
)
def test_backlogged_tenants_get_their_shares_to_a_task_or_so(
    weights: list[int], lengths: list[float], slots: int
) -> None:
    """Theorem 1 of the paper: normalised service differs by at most a largest task of each."""
    named = {f"t{n}": float(weight) for n, weight in enumerate(weights)}
    longest = dict(zip(named, lengths, strict=False))
    backlog = [of(name, longest[name]) for name in named for _ in range(120)]
    given_ = served(WeightedFairQueueing(weights=named), backlog, 60 // slots, slots)
    for (a, mine), (b, theirs) in permutations(named.items(), 2):
        gap = given_[a] / mine - given_[b] / theirs
        assert gap <= longest[a] / mine + longest[b] / theirs + 1e-9


def test_a_flood_of_one_tenant_does_not_crowd_the_other_out() -> None:
    backlog = [of("loud") for _ in range(500)] + [of("quiet") for _ in range(5)]
    assert served(WeightedFairQueueing(), backlog, 10) == {"loud": 5, "quiet": 5}


def test_who_was_away_has_saved_up_nothing() -> None:
    policy, backlog = WeightedFairQueueing(), [of("here") for _ in range(100)]
    served(policy, backlog, 30)
    backlog += [of("back") for _ in range(50)]
    assert served(policy, backlog, 20) == {"here": 10, "back": 10}


def test_who_used_what_nobody_wanted_owes_nothing() -> None:
    policy = WeightedFairQueueing()
    served(policy, [of("alone") for _ in range(8)], 1, slots=8)
    backlog = [of("alone") for _ in range(30)] + [of("new") for _ in range(30)]
    assert served(policy, backlog, 20) == {"alone": 10, "new": 10}


@pytest.mark.parametrize(
    ("measure", "first"),
    [("tasks", {"a": 2, "b": 2}), ("work", {"a": 1, "b": 3}), ("slot-seconds", {"a": 3, "b": 1})],
)
def test_shares_are_of_what_is_measured(measure: str, first: dict[str, int]) -> None:
    waiting = [
        *(of("a", 1.0, cost=9.0) for _ in range(9)),
        *(of("b", 4.0, cost=2.0) for _ in range(9)),
    ]
    question = problem(waiting, [pool("p", 4)])
    answer = placed(WeightedFairQueueing(measure=measure), question)
    tenants = [one.metadata["tenant"] for one in question.tasks]
    assert Counter(t for t, i in zip(tenants, answer, strict=True) if i != HOLD) == first


def test_within_a_tenant_tasks_go_in_order_of_arrival() -> None:
    waiting = [of("a", enqueued_at=float(n), priority=1 + n) for n in range(5)]
    question = problem(waiting, [pool("p", 2)])
    assert placed(WeightedFairQueueing(), question) == [0, 0, HOLD, HOLD, HOLD]


def test_what_fits_nowhere_is_not_charged() -> None:
    waiting = [of("a", 100.0, slots=9), of("a", 1.0), of("b", 1.0), of("b", 1.0)]
    question = problem(waiting, [pool("p", 2, capacity=9)])
    assert placed(WeightedFairQueueing(), question) == [HOLD, 0, 0, HOLD]


def test_tasks_that_name_no_tenant_are_one_tenant_s() -> None:
    waiting = [task(metadata={"team": None}), task(), task(), task(metadata={"team": 7})]
    order = WeightedFairQueueing(key="team").route(problem(waiting, [pool("p", 4)])).order
    assert sorted(np.asarray(order).tolist()) == [0, 1, 2, 3]


def test_of_too_many_tenants_those_furthest_ahead_are_remembered() -> None:
    policy = WeightedFairQueueing(tenants=2)
    backlog = [of(name, seconds) for name, seconds in (("a", 1.0), ("b", 9.0), ("c", 5.0))] * 2
    served(policy, backlog, 1, slots=3)
    assert sorted(policy._finish) == ["b", "c"]
