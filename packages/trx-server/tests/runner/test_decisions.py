"""What an algorithm does in its thread, in time or too late, and what the runner makes of it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import anyio
import pytest
from anyio import to_thread
from hostile_answers import Late, Text

from trx_core.engine import Blame, Decider, NamedAlgorithm
from trx_core.fleets import default_fleet
from trx_core.kernel import FALLBACK, Decide, Decided, Event, Reject
from trx_core.models import TaskRequest
from trx_core.routing import Breaker, ContractViolation, Decision, PoolView, RoutingProblem
from trx_server.runner.decisions import Decisions

BUDGET = 0.05
PATIENT = 30.0


class Calls:
    """Does what it is told, in as many calls as there are."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act

    def route(self, problem: RoutingProblem) -> Decision:
        self._act()
        return Decision([0] * len(problem.tasks))


def named(name: str, act: Callable[[], None]) -> NamedAlgorithm:
    return NamedAlgorithm(name, "acme 1.0", Calls(act))


def round_of(number: int) -> Decide:
    pool = default_fleet().pools[0]
    view = PoolView(pool, 1, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0)
    task = TaskRequest(type="t").to_task(UUID(int=number), 0.0)
    return Decide(number, RoutingProblem([task], [view], now=float(number), number=number))


async def decided(decider: Decider, number: int) -> str:
    """Who decided round ``number``."""
    told: list[Event] = []
    async with anyio.create_task_group() as tasks:
        Decisions(decider, tasks, told.append).decide(round_of(number))
    (answer,) = told
    assert isinstance(answer, Decided)
    assert answer.round == number
    return answer.algorithm


def nothing() -> None:
    """Decides at once."""


@pytest.mark.parametrize("error", [None, LookupError("lost"), SystemExit(3)])
async def test_what_comes_too_late_changes_nothing(error: BaseException | None) -> None:
    released, returning = threading.Event(), threading.Event()

    def late() -> None:
        released.wait()
        returning.set()
        if error is not None:
            raise error

    decider = Decider(named("late", late), budget=BUDGET)
    assert await decided(decider, 1) == FALLBACK
    decider.chosen = named("other", nothing)
    decider.budget.seconds = PATIENT
    assert await decided(decider, 2) == "other"
    released.set()
    await to_thread.run_sync(returning.wait)
    await anyio.sleep(BUDGET)
    decider.rejected(Reject(2, "other", ContractViolation("no.", code="TRX-P101")))
    assert decider.failures == {("late", Blame.OVERRAN): 1, ("other", Blame.BROKE_CONTRACT): 1}
    assert decider.rounds == {"other": 1}


async def test_a_switch_while_a_round_waits_for_its_thread_is_for_the_next_round() -> None:
    decider = Decider(named("first", nothing), budget=PATIENT)
    threads = to_thread.current_default_thread_limiter()
    usual, threads.total_tokens = threads.total_tokens, 1
    released, told = threading.Event(), list[Event]()

    async def occupy() -> None:
        await to_thread.run_sync(released.wait)

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(occupy)
            Decisions(decider, tasks, told.append).decide(round_of(1))
            while not threads.statistics().tasks_waiting:
                await anyio.sleep(BUDGET / 10)
            decider.chosen = named("other", nothing)
            released.set()
    finally:
        released.set()
        threads.total_tokens = usual
    (answer,) = told
    assert isinstance(answer, Decided)
    assert answer.algorithm == "first"
    assert await decided(decider, 2) == "other"


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        StopIteration(),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_it_raises_is_blamed_on_it_alone(error: BaseException) -> None:
    def raising() -> None:
        raise error

    decider = Decider(named("acme", raising), budget=PATIENT)
    assert await decided(decider, 1) == FALLBACK
    assert decider.failures == {("acme", Blame.RAISED): 1}


@pytest.mark.parametrize(
    ("answer", "failures"),
    [
        (Late([0]), {("acme", Blame.BROKE_CONTRACT): 1}),
        (Decision([0], reason=Text("why")), {}),
        (Decision([0], reason=42), {("acme", Blame.BROKE_CONTRACT): 1}),  # type: ignore[arg-type]
        (None, {("acme", Blame.BROKE_CONTRACT): 1}),
    ],
)
async def test_whatever_it_returns_hurts_nobody_else(
    answer: Any, failures: dict[Any, int], caplog: pytest.LogCaptureFixture
) -> None:
    class Gives:
        def route(self, problem: RoutingProblem) -> Any:
            return answer

    caplog.set_level(logging.INFO)
    decider = Decider(NamedAlgorithm("acme", "acme 1.0", Gives()), budget=PATIENT)
    assert await decided(decider, 1) == (FALLBACK if failures else "acme")
    assert decider.failures == failures
    assert ("algorithm acme on its round: why" in caplog.messages) is not bool(failures)


async def test_what_it_does_to_what_it_is_shown_is_seen_by_nobody_else() -> None:
    class Meddles:
        def route(self, problem: RoutingProblem) -> Decision:
            for view in problem.pools:
                vars(view.pool).update(cost_per_unit=0.0, capacity=0)
            vars(problem.objective).update(money=0.0)
            vars(problem).update(tasks=(), pools=())
            return Decision([0])

    decider = Decider(NamedAlgorithm("acme", "acme 1.0", Meddles()), budget=PATIENT)
    effect, told = round_of(1), list[Event]()
    before = (effect.problem.pools[0].pool.model_dump(), effect.problem.objective.model_dump())
    async with anyio.create_task_group() as tasks:
        Decisions(decider, tasks, told.append).decide(effect)
    assert [one.algorithm for one in told if isinstance(one, Decided)] == ["acme"]
    problem = effect.problem
    assert (problem.pools[0].pool.model_dump(), problem.objective.model_dump()) == before
    assert problem.shape == (1, 1)


async def test_one_that_is_stuck_is_left_alone_after_a_while() -> None:
    released = threading.Event()

    def stuck() -> None:
        released.wait()

    decider = Decider(named("stuck", stuck), budget=BUDGET)
    told: list[Event] = []
    async with anyio.create_task_group() as tasks:
        decisions = Decisions(decider, tasks, told.append)
        for number in range(1, 9):
            decisions.decide(round_of(number))
            while len(told) < number:
                await anyio.sleep(BUDGET / 10)
    released.set()
    assert decider.failures == {("stuck", Blame.OVERRAN): 5, ("stuck", Blame.LEFT_ALONE): 3}
