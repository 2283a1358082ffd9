"""Who decides a round when the algorithm does not, and who is blamed."""

from __future__ import annotations

import logging
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kernel_bench import Bench, only, pool, task

from trx_core.engine import Blame, Decider, NamedAlgorithm, call, telling_interrupts_apart
from trx_core.errors import PluginError
from trx_core.kernel import FALLBACK, Decide, Decided, Reject, Reserve, Settle, Settlement
from trx_core.models import Attempt, Outcome, Task
from trx_core.policy import BreakerPolicy, Verdict
from trx_core.routing import (
    HOLD,
    Breaker,
    Decision,
    Outcomes,
    PoolState,
    PoolView,
    RoutingProblem,
    ScoreAlgorithm,
    first_come_first_served,
)

PROVIDER = "'acme' (acme-router 0.3.1)"


class Acme:
    """Decides, or fails, as it is told."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.seen: list[int] = []

    def route(self, problem: RoutingProblem) -> Decision:
        self.seen.append(problem.number)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        return Decision([HOLD] * len(problem.tasks))


def named(algorithm: Any, name: str = "acme") -> NamedAlgorithm:
    return NamedAlgorithm(name, PROVIDER, algorithm)


def round_of(number: int, now: float = 0.0, tasks: int = 1) -> Decide:
    view = PoolView(pool("cpu"), 1, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0)
    return Decide(
        number, RoutingProblem([task() for _ in range(tasks)], [view], now=now, number=number)
    )


class Court:
    """Keeps every blame."""

    def __init__(self) -> None:
        self.blamed: list[tuple[str, Blame, PluginError]] = []

    def __call__(self, algorithm: NamedAlgorithm, blame: Blame, error: PluginError) -> None:
        self.blamed.append((algorithm.name, blame, error))

    @property
    def last(self) -> str:
        return str(self.blamed[-1][2])


def deciding(algorithm: Any, **more: Any) -> tuple[Decider, Court]:
    court = Court()
    return Decider(named(algorithm), court, **more), court


def test_the_answer_of_an_algorithm_is_copied_and_passed_on_unchecked() -> None:
    wrong = Decision([7], order=[7])

    class Wrong:
        def route(self, problem: RoutingProblem) -> Decision:
            return wrong

    decider, court = deciding(Wrong())
    answer = decider.decide(round_of(4))
    assert (answer.round, answer.algorithm) == (4, "acme")
    assert answer.decision is not wrong
    assert (answer.decision.pool, answer.decision.order) == ((7,), (7,))
    assert (court.blamed, decider.failures) == ([], {})
    assert decider.rounds == {"acme": 1}
    assert decider.seconds["acme"] > 0


class Faulty:
    """Fails at two places, in turn, and has an exception that cannot be told at a third."""

    def route(self, problem: RoutingProblem) -> Decision:
        if problem.number % 3 == 0:
            raise Untold
        if problem.number % 3 == 1:
            return self.divide(0)
        return self.look_up({})

    def divide(self, by: int) -> Decision:
        return Decision([1 // by])

    def look_up(self, table: dict[str, Decision]) -> Decision:
        return table["\x1b[31mred"]


class Untold(Exception):
    def __getattribute__(self, name: str) -> Any:
        if name == "__notes__":
            raise SystemExit
        return super().__getattribute__(name)


def test_where_an_algorithm_raised_is_kept_once_for_each_place() -> None:
    decider, court = deciding(Faulty(), breaker=BreakerPolicy(failures=99, cooldown=1.0))
    for number in range(1, 10):
        decider.decide(round_of(number))
    traces = [error.trace for _, _, error in court.blamed]
    assert traces[3:] == [""] * 6
    assert traces[:3] == list(decider.traces.values())
    for trace, line in zip(traces, ("return Decision([1 // by])", 'table["'), strict=False):
        assert trace.startswith("Traceback") and __file__ in trace and line in trace
    assert "KeyError: '\\x1b[31mred'" in traces[1] and "\x1b" not in traces[1]
    assert traces[2] == "its traceback cannot be told"


def test_a_trace_is_no_longer_than_anyone_reads() -> None:
    class Deep:
        def route(self, problem: RoutingProblem) -> Decision:
            return self.deeper(problem)

        def deeper(self, problem: RoutingProblem) -> Decision:
            return self.route(problem)

    decider, _ = deciding(Deep())
    decider.decide(round_of(1))
    (trace,) = decider.traces.values()
    assert "RecursionError" in trace
    assert trace.count("File ") <= 20


def test_the_log_tells_where_an_algorithm_raised(caplog: pytest.LogCaptureFixture) -> None:
    decider = Decider(named(Faulty()))
    for number in (1, 4):
        decider.decide(round_of(number))
    first, second = caplog.records
    assert "return Decision([1 // by])" in vars(first)["traceback"]
    assert "return Decision([1 // by])" not in first.getMessage()
    assert "traceback" not in vars(second)


def test_an_algorithm_that_raises_is_stood_in_for_and_named() -> None:
    decider, court = deciding(Acme(ZeroDivisionError("division by zero")))
    answer = decider.decide(round_of(1))
    assert (answer.decision.pool, answer.algorithm) == ([0], FALLBACK)
    assert decider.failures == {("acme", Blame.RAISED): 1}
    assert decider.rounds == {"acme": 1}
    assert [(name, blame) for name, blame, _ in court.blamed] == [("acme", Blame.RAISED)]
    assert court.last == (
        f"TRX-P140: algorithm 'acme' ({PROVIDER}) raised: ZeroDivisionError: division by zero. "
        "First-come-first-served decided this round."
    )


def test_a_blame_is_one_line_whatever_was_raised() -> None:
    decider, court = deciding(Acme(ValueError("bad\n  shape\n")))
    decider.decide(round_of(1))
    assert "raised: ValueError: bad shape. First-come" in court.last


def test_an_algorithm_that_is_too_slow_is_stood_in_for_and_named() -> None:
    acme = Acme()
    decider, court = deciding(acme)
    answer = decider.fall_back(round_of(1), decider.chosen, Blame.OVERRAN, "0.3 s of 0.25 s")
    assert answer.algorithm == FALLBACK
    assert court.last.startswith(f"TRX-P141: algorithm 'acme' ({PROVIDER}) took too long: 0.3 s")
    assert acme.seen == []


def test_a_decision_that_the_kernel_rejects_is_blamed_on_whoever_made_it() -> None:
    class Greedy:
        def route(self, problem: RoutingProblem) -> Decision:
            return Decision([0] * len(problem.tasks))

    decider, court = deciding(Greedy())
    bench = Bench(pool("cpu", 1))
    decide = only(bench.arrive(task(), task()), Decide)
    answer = decider.decide(decide)
    decider.chosen = named(Acme(), "other")
    effects = bench.tell(answer)
    decider.rejected(only(effects, Reject))
    assert only(effects, Reserve).slots == {pool("cpu").id: 1}
    assert decider.failures == {("acme", Blame.BROKE_CONTRACT): 1}
    assert court.last.startswith(
        f"TRX-P100: algorithm 'acme' ({PROVIDER}) broke its contract: TRX-P104: put 2 slots"
    )
    assert "Return HOLD for what does not fit. First-come" in court.last


def rounds(decider: Decider, times: list[float], start: int = 1) -> list[str]:
    return [
        decider.decide(round_of(number, now)).algorithm
        for number, now in enumerate(times, start=start)
    ]


ALONE = BreakerPolicy(failures=3, cooldown=10.0)
OOPS = RuntimeError("oops")


def test_one_that_keeps_failing_is_left_alone_for_a_while() -> None:
    acme = Acme(OOPS, OOPS, OOPS)
    decider, court = deciding(acme, breaker=ALONE)
    assert rounds(decider, [0.0, 1.0, 2.0, 3.0, 11.9]) == [FALLBACK] * 5
    assert acme.seen == [1, 2, 3]
    assert decider.failures == {("acme", Blame.RAISED): 3, ("acme", Blame.LEFT_ALONE): 2}
    assert court.last.endswith("decided this round. It is not asked again for 10 s.")
    assert "not asked again" not in str(court.blamed[1][2])
    assert len(court.blamed) == 3, "rounds in which it was not asked are counted, not blamed"
    assert rounds(decider, [12.0, 12.1], start=6) == ["acme", "acme"]


def test_one_that_fails_again_when_it_is_asked_again_is_left_alone_at_once() -> None:
    acme = Acme(OOPS, OOPS, OOPS, OOPS)
    decider, _ = deciding(acme, breaker=ALONE)
    rounds(decider, [0.0, 1.0, 2.0, 12.0, 13.0])
    assert acme.seen == [1, 2, 3, 4]


def test_a_round_that_goes_well_clears_its_name() -> None:
    acme = Acme(OOPS, OOPS, None, OOPS, OOPS, None)
    decider, _ = deciding(acme, breaker=ALONE)
    rounds(decider, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert acme.seen == [1, 2, 3, 4, 5, 6]


def test_a_round_that_was_rejected_does_not_clear_its_name() -> None:
    acme = Acme()
    decider, _ = deciding(acme, breaker=ALONE)
    for number in (1, 2, 3):
        decider.decide(round_of(number))
        decider.rejected(Reject(number, "acme", None))  # type: ignore[arg-type]
    assert rounds(decider, [1.0], start=4) == [FALLBACK]
    assert acme.seen == [1, 2, 3]


def test_another_algorithm_is_not_left_alone_for_it() -> None:
    decider, _ = deciding(Acme(OOPS), breaker=BreakerPolicy(failures=1, cooldown=10.0))
    assert rounds(decider, [0.0, 1.0]) == [FALLBACK, FALLBACK]
    decider.chosen = named(Acme(), "other")
    assert rounds(decider, [2.0], start=3) == ["other"]
    decider.chosen = named(Acme(), "acme")
    assert rounds(decider, [3.0], start=4) == [FALLBACK], "it has not changed its ways by name"


def test_a_failure_is_in_the_log_unless_someone_listens(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, logger="trx_core.engine.blame"):
        Decider(named(Acme(OOPS))).decide(round_of(1))
    [record] = caplog.records
    assert record.getMessage().startswith("TRX-P140: algorithm 'acme'")
    assert (record.__dict__["algorithm"], record.__dict__["blame"]) == ("acme", "raised")


def test_the_stand_in_decides_as_first_come_first_served() -> None:
    decider, _ = deciding(Acme(OOPS))
    effect = round_of(1, tasks=3)
    expected = Decided(1, first_come_first_served(effect.problem), FALLBACK)
    answer = decider.decide(effect)
    assert (answer.round, answer.algorithm) == (expected.round, expected.algorithm)
    assert answer.decision.pool == expected.decision.pool


def test_an_algorithm_that_would_end_the_process_is_blamed() -> None:
    class Exits:
        def route(self, problem: RoutingProblem) -> Decision:
            sys.exit("no licence")

    decider, court = deciding(Exits())
    assert decider.decide(round_of(1)).algorithm == FALLBACK
    assert decider.failures == {("acme", Blame.RAISED): 1}
    assert "raised: SystemExit: no licence." in court.last


class Interrupted:
    def route(self, problem: RoutingProblem) -> Decision:
        raise KeyboardInterrupt


class Nowhere(ScoreAlgorithm):
    def score(self, task: Task, pool: PoolState) -> float:
        return float("nan")


NO_SCORE = (
    f"TRX-P100: algorithm 'acme' ({PROVIDER}) broke its contract: TRX-P107: its score of pool "
    "'cpu' is NaN. Return one number; -inf where the task is not to go. "
    "First-come-first-served decided this round."
)


def test_a_score_that_is_no_number_is_blamed_and_stood_in_for() -> None:
    decider, court = deciding(Nowhere())
    assert decider.decide(round_of(1)).algorithm == FALLBACK
    assert decider.failures == {("acme", Blame.BROKE_CONTRACT): 1}
    assert court.last == NO_SCORE


def test_so_it_is_where_tasks_are_decided_one_by_one() -> None:
    decider, court = deciding(Nowhere())
    view = round_of(1).problem.pools[0]
    assert decider.place(Nowhere().best, 1, 0.0, [task()], lambda _: [PoolState(view)], 1) is None
    assert decider.failures == {("acme", Blame.BROKE_CONTRACT): 1}
    assert court.last == NO_SCORE


def test_an_interrupt_by_the_user_is_not_swallowed() -> None:
    decider, court = deciding(Interrupted())
    with pytest.raises(KeyboardInterrupt):
        decider.decide(round_of(1))
    assert court.blamed == []


class Signalled:
    def route(self, problem: RoutingProblem) -> Decision:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("no interrupt came")


@pytest.mark.usefixtures("usual_interrupts")
def test_an_interrupt_of_the_algorithms_own_is_told_from_the_users() -> None:
    decider, court = deciding(Interrupted())
    with telling_interrupts_apart():
        assert decider.decide(round_of(1)).algorithm == FALLBACK
        with pytest.raises(KeyboardInterrupt):
            call(Signalled(), round_of(2).problem)
    assert "raised: KeyboardInterrupt" in court.last
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_in_another_thread_is_the_algorithms_own_doing() -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(call, Interrupted(), round_of(1).problem).result()
    assert answer.decision is None and answer.failure is not None
    assert answer.failure[:2] == (Blame.RAISED, "KeyboardInterrupt")


class Learning(Acme):
    """Notes what it is told, and when."""

    def __init__(self, *errors: Exception | None) -> None:
        super().__init__(*errors)
        self.told: list[tuple[int, list[float]]] = []

    def observe(self, outcomes: Outcomes) -> None:
        self.told.append((len(self.seen), outcomes.latency.tolist()))


def ended(*latencies: float) -> Settle:
    attempt = Attempt(task(), pool("cpu"), 1, "acme", 0.0)
    return Settle(
        [
            Settlement(attempt, Outcome(latency, True, 0.0), latency, Verdict.COMPLETED)
            for latency in latencies
        ]
    )


def test_one_that_learns_is_told_between_rounds_what_has_ended_since_the_last() -> None:
    acme = Learning()
    decider = Decider(named(acme)._replace(learns=True))
    decider.decide(round_of(1))
    decider.settled(ended(1.0, 2.0))
    decider.settled(ended(3.0))
    assert acme.told == []
    decider.decide(round_of(2))
    decider.decide(round_of(3))
    decider.settled(ended(4.0))
    decider.decide(round_of(4))
    assert acme.told == [(1, [1.0, 2.0, 3.0]), (3, [4.0])]


def test_one_that_does_not_declare_it_is_told_nothing() -> None:
    acme = Learning()
    decider = Decider(named(acme))
    decider.settled(ended(1.0))
    decider.decide(round_of(1))
    assert acme.told == []


def test_who_raises_while_it_learns_is_blamed_for_the_round() -> None:
    class Choking(Learning):
        def observe(self, outcomes: Outcomes) -> None:
            raise KeyError("a pool that is gone")

    court = Court()
    decider = Decider(named(Choking())._replace(learns=True), court)
    decider.settled(ended(1.0))
    assert decider.decide(round_of(1)).algorithm == FALLBACK
    assert decider.decide(round_of(2)).algorithm == "acme"
    assert [(name, blame) for name, blame, _ in court.blamed] == [("acme", Blame.RAISED)]
    assert "KeyError: 'a pool that is gone'" in court.last


def test_a_watcher_is_told_of_calls_fallbacks_and_breakers() -> None:
    told: list[tuple[Any, ...]] = []

    class Watcher:
        def ran(self, algorithm: NamedAlgorithm, seconds: float) -> None:
            told.append(("ran", algorithm.name, seconds >= 0))

        def fell_back(self, algorithm: NamedAlgorithm, blame: Blame) -> None:
            told.append(("fell back", algorithm.name, blame))

        def stands(self, algorithm: NamedAlgorithm, breaker: Breaker) -> None:
            told.append(("stands", algorithm.name, breaker))

    policy = BreakerPolicy(failures=1, cooldown=10.0)
    acme = named(Acme(LookupError("no model")))
    decider = Decider(acme, Court(), breaker=policy, watcher=Watcher())
    for number, now in ((1, 0.0), (2, 1.0), (3, 11.0)):
        decider.decide(round_of(number, now))
    assert told == [
        ("stands", "acme", Breaker.CLOSED),
        ("ran", "acme", True),
        ("fell back", "acme", Blame.RAISED),
        ("stands", "acme", Breaker.OPEN),
        ("stands", "acme", Breaker.OPEN),
        ("fell back", "acme", Blame.LEFT_ALONE),
        ("stands", "acme", Breaker.HALF_OPEN),
        ("ran", "acme", True),
    ]
