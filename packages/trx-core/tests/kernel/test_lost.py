"""Attempts that others have taken over, and how long whoever failed is left alone."""

from __future__ import annotations

from kernel_bench import GOOD, Bench, none_of, only, pool, task

from trx_core.kernel import (
    Decide,
    Drop,
    DropReason,
    Finished,
    Lost,
    Release,
    Settle,
    Start,
)
from trx_core.models import Attempt, ErrorKind, Outcome
from trx_core.policy import RetryPolicy


def started(bench: Bench) -> Attempt:
    start = only(bench.carry_through(bench.arrive(task())), Start)
    [attempt] = start.attempts
    return attempt


def test_an_attempt_that_was_lost_frees_its_slots_and_settles_nothing() -> None:
    cpu = pool("cpu")
    bench = Bench(cpu)
    attempt = started(bench)
    effects = bench.tell(Lost([attempt]), at=1.0)
    assert only(effects, Release).slots == {cpu.id: 1}
    assert only(effects, Drop) == Drop([attempt.task.id], DropReason.REFUSED)
    assert none_of(effects, Settle)
    assert bench.kernel.idle and not bench.kernel.held


def test_the_end_of_a_lost_attempt_changes_nothing() -> None:
    bench = Bench(pool("cpu"))
    attempt = started(bench)
    bench.tell(Lost([attempt]), at=1.0)
    assert bench.tell(Finished([(attempt, GOOD)]), at=2.0) == []
    assert bench.tell(Lost([attempt]), at=2.0) == []


def test_a_task_that_was_lost_can_come_back() -> None:
    bench = Bench(pool("cpu"))
    attempt = started(bench)
    bench.tell(Lost([attempt]), at=1.0)
    decide = only(bench.arrive(attempt.failed_task(), at=2.0), Decide)
    assert [one.attempt for one in decide.problem.tasks] == [1]


def test_nothing_is_expected_of_a_lost_attempt() -> None:
    bench = Bench(pool("cpu", 2))
    bench.tell(Lost([started(bench)]), at=1.0)
    decide = only(bench.arrive(task(2.0), at=2.0), Decide)
    assert [view.busy for view in decide.problem.pools] == [()]


def test_a_retry_waits_as_long_as_whoever_failed_asks() -> None:
    bench = Bench(pool("cpu"), retry=RetryPolicy(base=1.0, cap=30.0, jitter=0))
    busy = Outcome(1.0, False, 0.0, ErrorKind.TRANSIENT, "status 503", retry_after=20.0)
    effects = bench.tell(Finished([(started(bench), busy)]), at=10.0)
    assert [s.due for s in only(effects, Settle).settlements] == [30.0]
