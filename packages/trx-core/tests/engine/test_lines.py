"""Waiting in line at a pool."""

from __future__ import annotations

import random
from itertools import accumulate

import pytest

from trx_core.engine import Simulators
from trx_core.engine.lines import Line
from trx_core.models import Attempt, Outcome, Task, WorkerPool
from trx_core.testing import sample_pools, sample_tasks

POOL = sample_pools()[1]
TASKS = [task for task in sample_tasks(40) if task.slots == 1]


class InLine:
    """Two serve, the others wait; a service takes ten seconds, and longer later in the day."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return Outcome(10.0 + now // 100, True, 0.0)

    def servers(self, pool: WorkerPool) -> int:
        return 2


def test_attempts_are_served_in_the_order_in_which_they_came() -> None:
    simulators = Simulators(lambda _: InLine(), 0)
    simulators.prepare([POOL])
    came = [
        (Attempt(task, POOL, 1, "a", at), at) for task, at in zip(TASKS, range(6), strict=False)
    ]
    ended = [now + simulators.start(attempt, now).latency for attempt, now in came]
    assert ended == [10.0, 11.0, 20.0, 21.0, 30.0, 31.0]


def test_what_is_sampled_is_the_instant_of_service() -> None:
    simulators = Simulators(lambda _: InLine(), 0)
    first, second, third = (Attempt(task, POOL, 1, "a", 95.0) for task in TASKS[:3])
    assert [simulators.start(one, 95.0).latency for one in (first, second)] == [10.0, 10.0]
    assert simulators.start(third, 95.0).latency == 10.0 + 11.0


def test_foresight_tells_the_wait_and_takes_no_place() -> None:
    simulators = Simulators(lambda _: InLine(), 0)
    for task in TASKS[:2]:
        simulators.start(Attempt(task, POOL, 1, "a", 0.0), 0.0)
    for _ in range(3):
        assert simulators.foretell(TASKS[2], POOL, 4.0).latency == 16.0
    assert simulators.start(Attempt(TASKS[2], POOL, 1, "a", 4.0), 4.0).latency == 16.0


@pytest.mark.parametrize("servers", [1, 3])
def test_a_line_is_a_queue_of_several_servers(servers: int) -> None:
    """Lindley's and Kiefer and Wolfowitz's recursions, by sorting what is left to do."""
    rng, line = random.Random(servers), Line()
    arrivals = list(accumulate(rng.expovariate(servers * 0.9) for _ in range(2000)))
    left, before = [0.0] * servers, 0.0
    for now in arrivals:
        left = sorted(max(0.0, work - (now - before)) for work in left)
        before, service = now, rng.expovariate(1.0)
        begins = line.opens(servers, 1, now)
        assert begins - now == pytest.approx(left[0], abs=1e-6)
        line.take(1, begins + service)
        left[0] += service


def test_a_wide_attempt_waits_for_all_that_it_takes() -> None:
    line = Line()
    for until in (5.0, 9.0):
        assert line.opens(3, 1, 0.0) == 0.0
        line.take(1, until)
    assert line.opens(3, 2, 1.0) == 5.0
    line.take(2, 20.0)
    assert line.opens(3, 1, 1.0) == 9.0
    assert line.opens(3, 7, 1.0) == 20.0


def test_servers_join_free_and_the_first_to_be_free_leave() -> None:
    line = Line()
    for until in (5.0, 9.0):
        line.opens(2, 1, 0.0)
        line.take(1, until)
    assert line.opens(3, 1, 2.0) == 2.0
    assert line.opens(1, 1, 3.0) == 9.0
