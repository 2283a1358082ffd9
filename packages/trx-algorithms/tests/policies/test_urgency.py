"""Which task next: by priority and age, by deadline, by length."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene import HOLD, NOW, names_of, placed, pool, problem, task

from trx_algorithms.urgency import EarliestDeadlineFirst, PriorityAging, ShortestJobFirst
from trx_core.models import Task


def first_served(policy: Any, *waiting: Task) -> Task:
    """Who gets the only slot."""
    question = problem(waiting, [pool()])
    return question.tasks[placed(policy, question).index(0)]


class TestPriorityAging:
    @pytest.mark.parametrize(("age", "overtakes"), [(179.0, False), (181.0, True)])
    def test_a_trifle_overtakes_what_is_urgent_and_comes_later(
        self, age: float, overtakes: bool
    ) -> None:
        trifle, urgent = task(age, priority=1), task(0, priority=10)
        winner = first_served(PriorityAging(rate=0.05), trifle, urgent)
        assert (winner is trifle) is overtakes

    def test_without_a_rate_it_is_plain_priority(self) -> None:
        old, urgent = task(1e6, priority=9), task(0, priority=10)
        assert first_served(PriorityAging(rate=0.0), old, urgent) is urgent

    @settings(max_examples=20)
    @given(rate=st.floats(0.25, 2.0), urgent_per_round=st.integers(1, 3))
    def test_nobody_starves(self, rate: float, urgent_per_round: int) -> None:
        """One slot a second, and always more urgent tasks than that."""
        policy, old, waiting = PriorityAging(rate=rate), task(0, priority=1), []
        for second in range(int(9 / rate) * urgent_per_round + urgent_per_round + 2):
            now = NOW + second
            fresh = [task(0, priority=10) for _ in range(urgent_per_round)]
            waiting += [Task(one.id, one.type, 10, enqueued_at=now) for one in fresh]
            question = problem([old, *waiting], [pool()], now=now)
            winner = question.tasks[placed(policy, question).index(0)]
            if winner is old:
                return
            waiting.remove(winner)
        pytest.fail("it is still waiting")

    def test_a_wide_task_that_is_first_is_kept_its_slots_until_another_one_is(self) -> None:
        policy, wide = PriorityAging(), task(0, slots=2, priority=8)
        half_free = [pool("p", 1, capacity=2)]
        assert placed(policy, problem([wide, task(priority=7)], half_free)) == [HOLD, HOLD]
        assert placed(policy, problem([wide, task(priority=9)], half_free)) == [HOLD, 0]


class TestEarliestDeadlineFirst:
    def test_serves_what_is_due_first_and_what_is_never_due_last(self) -> None:
        never, later, soon = task(90), task(60, deadline=NOW + 50), task(deadline=NOW + 20)
        question = problem([never, later, soon], [pool("p", 2)])
        assert placed(EarliestDeadlineFirst(), question) == [HOLD, 0, 0]

    def test_takes_the_cheapest_pool_that_is_in_time(self) -> None:
        pools = [
            pool("slow", 9, latency=60.0, cost_per_unit=0.0),
            pool("dear", 9, latency=2.0, cost_per_unit=500.0),
            pool("fair", 9, latency=9.0, cost_per_unit=100.0),
        ]
        for seconds, name in ((100.0, "slow"), (10.0, "fair"), (5.0, "dear"), (1.0, "dear")):
            question = problem([task(deadline=NOW + seconds)], pools)
            assert names_of(EarliestDeadlineFirst(), question) == [name]

    @pytest.mark.parametrize("hopeless_last", [True, False])
    def test_what_is_late_already_makes_the_next_one_late_unless_put_last(
        self, hopeless_last: bool
    ) -> None:
        late, possible = task(9, deadline=NOW + 1.0), task(deadline=NOW + 7.0)
        question = problem([late, possible], [pool("p", 1, latency=5.0)])
        answer = placed(EarliestDeadlineFirst(hopeless_last), question)
        assert answer == ([HOLD, 0] if hopeless_last else [0, HOLD])

    @given(
        deadlines=st.lists(
            st.none() | st.floats(NOW - 50, NOW + 50, allow_subnormal=False), max_size=20
        )
    )
    def test_names_tasks_in_the_order_of_their_deadlines(
        self, deadlines: list[float | None]
    ) -> None:
        waiting = [task(deadline=deadline) for deadline in deadlines]
        order = EarliestDeadlineFirst(False).route(problem(waiting, [pool()])).order
        due = [waiting[row].deadline or np.inf for row in np.asarray(order, dtype=int).tolist()]
        assert due == sorted(due)


class TestShortestJobFirst:
    def test_serves_the_shortest_as_its_caller_or_else_the_fleet_expects(self) -> None:
        question = problem(
            [task(9), task(8, expected_duration=2.0), task(7, expected_duration=9.0)],
            [pool("a", 1, latency=7.0), pool("b", 1, latency=4.0)],
        )
        assert [index != HOLD for index in placed(ShortestJobFirst(), question)] == [
            *(True, True, False),
        ]

    def test_who_has_waited_too_long_goes_first(self) -> None:
        old, older = task(60, expected_duration=99.0), task(70, expected_duration=999.0)
        short = task(0, expected_duration=1.0)
        assert first_served(ShortestJobFirst(), old, older, short) is short
        assert first_served(ShortestJobFirst(max_wait=60.0), old, older, short) is older
        assert first_served(ShortestJobFirst(max_wait=71.0), old, older, short) is short
