"""A round, step by step."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from kernel_bench import BAD, GOOD, HOPELESS, Bench, none_of, only, pool, task

from trx_core.kernel import (
    FALLBACK,
    Aborted,
    Arrived,
    BreakerChanged,
    Cancelled,
    Claim,
    Claimed,
    Decide,
    Draining,
    Drop,
    DropReason,
    Finished,
    LoadChanged,
    PoolChanged,
    Reject,
    Release,
    Reserve,
    Reserved,
    Settle,
    Start,
    Tick,
    WakeAt,
)
from trx_core.policy import BreakerPolicy, DeadReason, RetryPolicy, Verdict
from trx_core.routing import HOLD, Breaker, Decision


def test_a_task_goes_from_arrival_to_completion() -> None:
    cpu, one = pool("cpu"), task()
    bench = Bench(cpu)
    decide = only(bench.arrive(one), Decide)
    assert decide.problem.tasks == (one,)
    reserve = only(bench.decide(decide), Reserve)
    assert reserve.slots == {cpu.id: 1}
    claim = only(bench.grant(reserve), Claim)
    [attempt] = claim.attempts
    assert (attempt.task, attempt.pool, attempt.number, attempt.algorithm) == (one, cpu, 1, "test")
    assert only(bench.accept(claim), Start).attempts == [attempt]
    effects = bench.tell(Finished([(attempt, GOOD)]), at=1.0)
    [settlement] = only(effects, Settle).settlements
    assert (settlement.verdict, settlement.at) == (Verdict.COMPLETED, 1.0)
    assert only(effects, Release).slots == {cpu.id: 1}
    assert bench.kernel.idle


def test_tasks_are_offered_by_age_however_they_came() -> None:
    old, young = task(1.0), task(2.0)
    decide = only(Bench(pool("cpu")).arrive(young, old, at=3.0), Decide)
    assert decide.problem.tasks == (old, young)


def test_what_the_ledger_denies_waits_and_the_most_urgent_go_first() -> None:
    cpu = pool("cpu", 3)
    bench = Bench(cpu)
    tasks = [task() for _ in range(3)]
    decide = only(bench.arrive(*tasks), Decide)
    effects = bench.decide(decide, Decision([0, 0, 0], order=[2, 1, 0]))
    reserve = only(effects, Reserve)
    effects = bench.tell(Reserved(reserve.round, {cpu.id: 1}, {cpu.id: 2}))
    assert [a.task for a in only(effects, Claim).attempts] == [decide.problem.tasks[2]]
    assert bench.kernel.room == 1000 - 3


def test_granted_slots_that_fit_no_task_go_back() -> None:
    cpu = pool("cpu", 4)
    bench = Bench(cpu)
    reserve = only(bench.decide(only(bench.arrive(task(slots=3)), Decide)), Reserve)
    effects = bench.tell(Reserved(reserve.round, {cpu.id: 2}, {}))
    assert only(effects, Release).slots == {cpu.id: 2}
    assert none_of(effects, Claim)


def test_a_task_whose_claim_is_refused_is_dropped_and_frees_its_slot() -> None:
    cpu, one, two = pool("cpu", 2), task(), task()
    bench = Bench(cpu)
    reserve = only(bench.decide(only(bench.arrive(one, two), Decide)), Reserve)
    claim = only(bench.grant(reserve), Claim)
    effects = bench.accept(claim, refused=frozenset({two.id}))
    assert [a.task for a in only(effects, Start).attempts] == [one]
    assert only(effects, Drop) == Drop([two.id], DropReason.REFUSED)
    assert only(effects, Release).slots == {cpu.id: 1}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_an_aborted_round_is_tried_again_not_before_its_time(steps: int) -> None:
    cpu, one = pool("cpu"), task()
    bench = Bench(cpu)
    effects = bench.arrive(one)
    number = only(effects, Decide).round
    if steps > 0:
        effects = bench.decide(only(effects, Decide))
    if steps > 1:
        effects = bench.grant(only(effects, Reserve))
    effects = bench.tell(Aborted(number, retry_at=5.0), at=1.0)
    assert none_of(effects, Release) == (steps < 2)
    assert only(effects, WakeAt).at == 5.0
    again = only(bench.tell(Tick(), at=5.0), Decide)
    assert again.problem.tasks == (one,)
    assert again.problem.free.tolist() == [1]


def test_repeated_and_late_events_change_nothing() -> None:
    cpu, one = pool("cpu"), task()
    bench = Bench(cpu)
    started = only(bench.carry_through(bench.arrive(one)), Start)
    [attempt] = started.attempts
    number = 1
    for event in (
        Arrived([one]),
        Reserved(number, {cpu.id: 1}, {}),
        Claimed(number, {one.id}),
        Aborted(number, 9.0),
        Finished([(attempt._replace(number=2), GOOD)]),
        Cancelled([one.id]),
    ):
        assert bench.tell(event) == []
    assert only(bench.tell(Finished([(attempt, GOOD)])), Settle)
    assert bench.tell(Finished([(attempt, GOOD)])) == []


def test_a_newer_attempt_takes_the_place_of_a_waiting_one() -> None:
    one = task()
    bench = Bench(pool("cpu", 0))
    bench.arrive(one)
    bench.arrive(replace(one, attempt=1))
    [waiting] = only(bench.tell(PoolChanged([pool("cpu", 1)], {})), Decide).problem.tasks
    assert waiting.attempt == 1


def test_a_decision_that_breaks_the_contract_is_replaced_and_blamed() -> None:
    cpu, one, two = pool("cpu"), task(), task()
    bench = Bench(cpu)
    effects = bench.decide(only(bench.arrive(one, two), Decide), Decision([0, 0]))
    reject = only(effects, Reject)
    assert (reject.algorithm, reject.violation.code) == ("test", "TRX-P104")
    claim = only(bench.grant(only(effects, Reserve)), Claim)
    assert [(a.task, a.algorithm) for a in claim.attempts] == [(one, FALLBACK)]


def test_held_tasks_are_offered_again_though_nothing_changes() -> None:
    bench = Bench(pool("cpu"), hold_interval=0.5)
    effects = bench.decide(only(bench.arrive(task()), Decide), Decision([HOLD]))
    assert only(effects, WakeAt).at == 0.5
    assert none_of(bench.tell(Tick(), at=0.4), Decide)
    assert only(bench.tell(Tick(), at=0.5), Decide)


def test_tasks_that_are_held_for_long_are_offered_less_and_less_often_until_something_changes() -> (
    None
):
    bench = Bench(pool("cpu"), hold_interval=1.0)
    effects = bench.decide(only(bench.arrive(task()), Decide), Decision([HOLD]))
    asked = []
    while (at := only(effects, WakeAt).at) < 1_000:
        asked.append(at)
        effects = bench.decide(only(bench.tell(Tick(), at=at), Decide), Decision([HOLD]))
    assert asked[:3] == [1.0, 2.25, 3.8125]
    assert len(asked) < 30
    assert all(late <= 1.26 * early + 1.0 for early, late in pairwise(asked))
    news = only(bench.arrive(task(), at=asked[-1] + 1.0), Decide)
    effects = bench.decide(news, Decision([HOLD, HOLD]))
    assert only(effects, WakeAt).at == pytest.approx(asked[-1] + 2.0)


def test_rounds_keep_their_distance() -> None:
    bench = Bench(pool("cpu", 5), min_interval=0.1)
    bench.carry_through(bench.arrive(task()))
    effects = bench.arrive(task(), at=0.03)
    assert only(effects, WakeAt).at == 0.1
    assert none_of(bench.arrive(task(), at=0.05), WakeAt), "one alarm is enough"
    assert len(only(bench.tell(Tick(), at=0.1), Decide).problem.tasks) == 2


def test_no_round_is_opened_while_no_slot_is_free() -> None:
    cpu = pool("cpu")
    bench = Bench(cpu)
    bench.carry_through(bench.arrive(task()))
    assert none_of(bench.arrive(task()), Decide)
    [attempt] = bench.running()
    assert only(bench.tell(Finished([(attempt, GOOD)])), Decide)


def test_what_other_kernels_occupy_is_not_free() -> None:
    cpu = pool("cpu", 3)
    bench = Bench(cpu)
    bench.tell(LoadChanged({cpu.id: 3}))
    assert none_of(bench.arrive(task()), Decide)
    effects = bench.tell(LoadChanged({cpu.id: 1}))
    assert only(effects, Decide).problem.free.tolist() == [2]


def test_a_failure_is_tried_again_later_until_attempts_are_spent() -> None:
    retry = RetryPolicy(max_attempts=2, base=1.0, factor=2.0, jitter=0.5)
    bench = Bench(pool("cpu"), retry=retry)
    one = task()
    bench.carry_through(bench.arrive(one))
    [attempt] = bench.running()
    [settlement] = only(bench.tell(Finished([(attempt, BAD)]), at=2.0), Settle).settlements
    assert settlement.verdict is Verdict.RETRY
    assert settlement.due is not None and 2.5 <= settlement.due <= 3.0
    bench.carry_through(bench.arrive(attempt.failed_task(), at=3.0))
    [attempt] = bench.running()
    assert attempt.number == 2
    [settlement] = only(bench.tell(Finished([(attempt, BAD)]), at=4.0), Settle).settlements
    assert (settlement.verdict, settlement.reason) == (Verdict.DEAD, DeadReason.ATTEMPTS_SPENT)


def test_a_permanent_failure_is_not_tried_again() -> None:
    bench = Bench(pool("cpu"))
    bench.carry_through(bench.arrive(task()))
    [attempt] = bench.running()
    [settlement] = only(bench.tell(Finished([(attempt, HOPELESS)])), Settle).settlements
    assert (settlement.verdict, settlement.reason) == (Verdict.DEAD, DeadReason.PERMANENT)


def test_a_pool_that_fails_is_left_alone_then_probed_with_one_attempt() -> None:
    cpu = pool("cpu", 4)
    bench = Bench(cpu, breaker=BreakerPolicy(failures=2, cooldown=10.0))
    bench.carry_through(bench.arrive(task(), task()))
    effects = bench.tell(Finished([(a, BAD) for a in bench.running()]), at=1.0)
    assert only(effects, BreakerChanged) == BreakerChanged(cpu.id, Breaker.OPEN)
    effects = bench.arrive(task(1.0), task(1.0), at=2.0)
    assert none_of(effects, Decide)
    assert only(effects, WakeAt).at == 11.0
    effects = bench.tell(Tick(), at=11.0)
    assert only(effects, BreakerChanged) == BreakerChanged(cpu.id, Breaker.HALF_OPEN)
    assert only(effects, Decide).problem.free.tolist() == [1]
    bench.carry_through(effects)
    [probe] = bench.running()
    effects = bench.tell(Finished([(probe, GOOD)]), at=12.0)
    assert only(effects, BreakerChanged) == BreakerChanged(cpu.id, Breaker.CLOSED)
    assert only(effects, Decide).problem.free.tolist() == [4]


def test_a_pool_that_has_rested_is_probed_at_once_though_others_have_room() -> None:
    cpu, gpu = pool("cpu"), pool("gpu", resource_type="gpu")
    bench = Bench(cpu, gpu, breaker=BreakerPolicy(failures=1, cooldown=1.1), hold_interval=100.0)
    bench.carry_through(bench.arrive(task(resource_type="gpu")))
    bench.tell(Finished([(attempt, BAD) for attempt in bench.running()]), at=1.0)
    effects = bench.arrive(task(1.0, resource_type="gpu"), at=1.5)
    effects += bench.decide(only(effects, Decide))
    assert min(effect.at for effect in effects if isinstance(effect, WakeAt)) == 2.1
    assert only(bench.tell(Tick(), at=2.1), Decide).problem.free.tolist() == [1, 1]


def test_estimates_follow_what_was_seen_and_outlive_a_change_of_the_fleet() -> None:
    cpu = pool("cpu", expected_latency=1.0)
    bench = Bench(cpu)
    bench.carry_through(bench.arrive(task()))
    [attempt] = bench.running()
    bench.tell(Finished([(attempt, GOOD._replace(latency=11.0))]))
    bench.tell(PoolChanged([], {}))
    bench.tell(PoolChanged([cpu], {}))
    assert only(bench.arrive(task()), Decide).problem.latency.tolist() == [[2.0]]


def test_an_attempt_on_a_pool_that_is_gone_still_ends_well() -> None:
    cpu = pool("cpu")
    bench = Bench(cpu)
    bench.carry_through(bench.arrive(task()))
    bench.tell(PoolChanged([], {}))
    [attempt] = bench.running()
    assert only(bench.tell(Finished([(attempt, GOOD)])), Release).slots == {cpu.id: 1}
    assert only(bench.tell(PoolChanged([cpu], {})) or bench.arrive(task()), Decide)


def test_a_waiting_task_that_is_cancelled_is_dropped() -> None:
    one = task()
    bench = Bench(pool("cpu", 0))
    bench.arrive(one)
    assert only(bench.tell(Cancelled([one.id])), Drop) == Drop([one.id], DropReason.CANCELLED)
    assert bench.kernel.idle


def test_a_draining_kernel_carries_through_what_is_open_and_begins_nothing() -> None:
    bench = Bench(pool("cpu", 2))
    effects = bench.arrive(task())
    bench.tell(Draining())
    bench.arrive(task())
    bench.carry_through(effects)
    [attempt] = bench.running()
    effects = bench.tell(Finished([(attempt, GOOD)]))
    assert only(effects, Settle) and none_of(effects, Decide)
    assert bench.kernel.settled_down and not bench.kernel.idle


def test_what_a_round_holds_back_may_come_again_or_be_lost_before_the_round_ends() -> None:
    cpu, one, two, three = pool("cpu", 2), task(1.0), task(2.0), task(3.0)
    bench = Bench(cpu)
    decide = only(bench.arrive(one, two, three), Decide)
    reserve = only(bench.decide(decide, Decision([0, HOLD, HOLD])), Reserve)
    assert bench.arrive(two, replace(three, attempt=1)) == []
    assert only(bench.tell(Cancelled([two.id])), Drop) == Drop([two.id], DropReason.CANCELLED)
    bench.accept(only(bench.grant(reserve), Claim))
    assert set(bench.kernel.waiting) == {three.id}
