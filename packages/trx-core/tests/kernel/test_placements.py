"""From a decision to attempts, and from a grant to those who go."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_bench import pool, task

from trx_core.kernel.rounds import admit, placements, slots_of
from trx_core.models import Attempt
from trx_core.routing import HOLD, Breaker, Decision, PoolView, RoutingProblem

CPU, GPU = pool("cpu", 4), pool("gpu", 2)
VIEWS = [PoolView(p, p.capacity, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0) for p in (CPU, GPU)]
TASKS = [task(), task(slots=2, attempt=3), task(slots=3)]
PROBLEM = RoutingProblem(TASKS, VIEWS, now=7.0)


def test_attempts_are_numbered_dated_and_named() -> None:
    found = placements(PROBLEM, Decision([1, 0, HOLD]), [1, 0, HOLD], "greedy")
    assert found == [
        Attempt(TASKS[0], GPU, 1, "greedy", 7.0),
        Attempt(TASKS[1], CPU, 4, "greedy", 7.0),
    ]


@pytest.mark.parametrize("order", [[2, 0, 1], (2, 0, 1), np.array([2, 0, 1])])
def test_attempts_are_in_the_order_of_urgency_of_the_decision(order: list[int]) -> None:
    found = placements(PROBLEM, Decision([0, 0, 1], order=order), [0, 0, 1], "greedy")
    assert [attempt.task for attempt in found] == [TASKS[2], TASKS[0], TASKS[1]]


def test_slots_are_added_up_by_pool() -> None:
    found = placements(PROBLEM, Decision([0, 0, 1]), [0, 0, 1], "greedy")
    assert slots_of(found) == {CPU.id: 3, GPU.id: 3}
    assert slots_of([]) == {}


def test_a_small_task_goes_where_a_larger_more_urgent_one_does_not_fit() -> None:
    large, small = Attempt(TASKS[2], CPU, 1, "a", 0.0), Attempt(TASKS[0], CPU, 1, "a", 0.0)
    assert admit([large, small], {CPU.id: 2}) == ([small], [large])


ATTEMPTS = st.lists(
    st.builds(
        lambda at, slots: Attempt(task(slots=slots), at, 1, "a", 0.0),
        st.sampled_from([CPU, GPU]),
        st.integers(1, 4),
    ),
    max_size=12,
)


@given(ATTEMPTS, st.dictionaries(st.sampled_from([CPU.id, GPU.id]), st.integers(0, 12)))
def test_no_grant_is_exceeded_and_whoever_fits_in_turn_goes(
    attempts: list[Attempt], granted: dict[UUID, int]
) -> None:
    before = dict(granted)
    goes, denied = admit(attempts, granted)
    assert granted == before
    assert sorted(goes + denied, key=attempts.index) == attempts
    assert goes == [a for a in attempts if a in goes], "in order of urgency"
    taken: Counter[UUID] = Counter()
    for attempt in attempts:
        key, need = attempt.pool.id, attempt.task.slots
        fits = taken[key] + need <= granted.get(key, 0)
        assert (attempt in goes) == fits
        taken[key] += need if fits else 0
