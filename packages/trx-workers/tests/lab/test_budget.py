"""What a run makes of an algorithm that takes too long, or for ever."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hangs import sleep, spin, swallow, wait
from lab_bench import (
    GOOD,
    PROVIDER,
    Scripted,
    always,
    most_at_once,
    named,
    pool,
    statuses,
    task,
)

from trx_core.engine import Blame, NamedAlgorithm
from trx_core.models import Fleet, LogEntry, Task, TaskStatus
from trx_core.routing import (
    Decision,
    PoolState,
    RoutingProblem,
    ScoreAlgorithm,
    first_come_first_served,
)
from trx_workers.lab import LabRun, simulate

SHORT = 0.05
FLEET = Fleet(pools=(pool("a", 2), pool("b", 1)))


@pytest.fixture(autouse=True)
def usual_alarms() -> Iterator[None]:
    """SIGALRM as Python finds it, before and after."""
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    signal.signal(signal.SIGALRM, before)


def run(
    algorithm: NamedAlgorithm, budget: float = SHORT, log: list[LogEntry] | None = None
) -> LabRun:
    return simulate(
        FLEET,
        algorithm,
        [task(at) for at in (0.0, 0.0, 0.0, 0.0, 10.0)],
        build=lambda _: Scripted(always(GOOD)),
        on_entries=None if log is None else log.extend,
        budget=budget,
    )


@pytest.mark.parametrize("hang", [spin, sleep, wait, swallow])
def test_one_that_never_returns_is_broken_off_stood_in_for_and_named(
    hang: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    def route(problem: RoutingProblem) -> Decision:
        hang()
        return first_come_first_served(problem)

    with caplog.at_level(logging.WARNING):
        came_of = run(named(route))
    assert came_of.summary.completed == 5
    assert came_of.summary.algorithms == {"fallback-fifo": 5}
    assert set(came_of.failures) == {("acme", Blame.OVERRAN)}
    assert caplog.messages[0] == (
        f"TRX-P141: algorithm 'acme' ({PROVIDER}) took too long: no decision within 0.05 s. "
        "First-come-first-served decided this round."
    )


def test_one_that_hangs_once_is_asked_again() -> None:
    def route(problem: RoutingProblem) -> Decision:
        if problem.number == 1:
            spin()
        return first_come_first_served(problem)

    came_of = run(named(route))
    assert came_of.failures == {("acme", Blame.OVERRAN): 1}
    assert came_of.summary.algorithms == {"fallback-fifo": 3, "acme": 2}


class Stuck(ScoreAlgorithm):
    """Finds no end with its second task."""

    asked = 0

    def score(self, task: Task, pool: PoolState) -> float:
        self.asked += 1
        if self.asked == 4:
            spin()
        return pool.free


def test_one_that_hangs_over_a_task_leaves_the_slots_of_the_others_as_they_were() -> None:
    log: list[LogEntry] = []
    came_of = run(NamedAlgorithm("stuck", PROVIDER, Stuck()), log=log)
    assert came_of.failures == {("stuck", Blame.OVERRAN): 1}
    assert came_of.summary.algorithms == {"fallback-fifo": 3, "stuck": 2}
    assert set(statuses(log).values()) == {TaskStatus.COMPLETED}
    assert most_at_once(log) == {"a": 2, "b": 1}


def test_who_learns_too_slowly_is_blamed_for_the_round() -> None:
    class Brooding:
        def route(self, problem: RoutingProblem) -> Decision:
            return first_come_first_served(problem)

        def observe(self, outcomes: object) -> None:
            spin()

    came_of = run(NamedAlgorithm("brooding", PROVIDER, Brooding(), learns=True))
    assert came_of.failures == {("brooding", Blame.OVERRAN): 2}
    assert came_of.summary.algorithms == {"brooding": 3, "fallback-fifo": 2}


def late(problem: RoutingProblem) -> Decision:
    time.sleep(2 * SHORT)
    return first_come_first_served(problem)


class Pensive(ScoreAlgorithm):
    def score(self, task: Task, pool: PoolState) -> float:
        time.sleep(2 * SHORT)
        return 1.0


@pytest.mark.parametrize(
    "algorithm", [named(late), NamedAlgorithm("acme", PROVIDER, Pensive())], ids=["whole", "line"]
)
def test_where_nothing_can_be_broken_off_what_comes_too_late_is_not_taken(
    algorithm: NamedAlgorithm,
) -> None:
    with ThreadPoolExecutor(1) as other:
        came_of = other.submit(run, algorithm).result()
    assert came_of.summary.algorithms == {"fallback-fifo": 5}
    assert set(came_of.failures) == {("acme", Blame.OVERRAN)}


def test_an_alarm_of_somebody_else_is_left_to_them() -> None:
    rung: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, SHORT / 5)
        came_of = run(named(late))
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert rung == [signal.SIGALRM]
    assert came_of.summary.algorithms == {"fallback-fifo": 5}


@pytest.mark.parametrize("budget", [3600.0, float("inf")])
def test_a_budget_that_nobody_overdraws_does_not_show(budget: float) -> None:
    came_of = run(named(), budget)
    assert came_of.failures == {}
    assert came_of.summary.algorithms == {"acme": 5}
