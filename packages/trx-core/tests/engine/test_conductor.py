"""The loop between a kernel and its engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kernel_bench import pool, task

from trx_core.clock import VirtualClock
from trx_core.engine import Conductor, Handlers
from trx_core.kernel import (
    Arrived,
    Claim,
    Claimed,
    Decide,
    Decided,
    Effect,
    Event,
    Kernel,
    KernelConfig,
    PoolChanged,
    Reserve,
    Reserved,
    Start,
    Tick,
    WakeAt,
)
from trx_core.routing import first_come_first_served


class Scripted(Kernel):
    """A kernel that answers every event with the effects that the test says."""

    def __init__(self, answers: Callable[[Event], list[Any]]) -> None:
        super().__init__(KernelConfig())
        self.answers = answers
        self.heard: list[tuple[Event, float]] = []

    def handle(self, event: Event, now: float) -> list[Effect]:
        self.heard.append((event, now))
        return self.answers(event)


class Jumpy:
    """A clock that tells what the test says."""

    def __init__(self, *times: float) -> None:
        self._times = iter(times)

    def now(self) -> float:
        return next(self._times)


FIRST, SECOND, THIRD = Arrived([task()]), Arrived([task()]), Arrived([task()])


def test_effects_are_handed_to_the_handler_of_their_type_in_order() -> None:
    done: list[Any] = []
    kernel = Scripted(lambda _: [WakeAt(1.0), Start([]), WakeAt(2.0)])
    handlers: Handlers = {WakeAt: done.append, Start: done.append}
    Conductor(kernel, VirtualClock(), handlers).tell(Tick())
    assert done == [WakeAt(1.0), Start([]), WakeAt(2.0)]


def test_what_is_told_meanwhile_waits_its_turn() -> None:
    trail: list[str] = []

    def carry_out(effect: WakeAt) -> None:
        trail.append(f"begin {effect.at:g}")
        if effect.at < 3:
            conductor.tell(SECOND)
            conductor.tell(THIRD)
        trail.append(f"end {effect.at:g}")

    answers: dict[int, list[Any]] = {
        id(FIRST): [WakeAt(1), WakeAt(2)],
        id(SECOND): [WakeAt(3)],
        id(THIRD): [WakeAt(4)],
    }
    kernel = Scripted(lambda event: answers[id(event)])
    conductor = Conductor(kernel, VirtualClock(), {WakeAt: carry_out})
    conductor.tell(FIRST)
    heard = [event for event, _ in kernel.heard]
    assert [id(event) for event in heard] == [
        id(event) for event in (FIRST, SECOND, THIRD, SECOND, THIRD)
    ]
    assert trail[:4] == ["begin 1", "end 1", "begin 2", "end 2"]
    assert trail[4:] == ["begin 3", "end 3", "begin 4", "end 4"] * 2


def test_a_clock_that_steps_back_is_held_at_the_latest_instant() -> None:
    kernel = Scripted(lambda _: [])
    conductor = Conductor(kernel, Jumpy(5.0, 3.0, 5.5, 1.0), {})
    for _ in range(4):
        conductor.tell(Tick())
    assert [now for _, now in kernel.heard] == [5.0, 5.0, 5.5, 5.5]


def test_time_is_read_anew_for_what_waited_its_turn() -> None:
    clock = VirtualClock(1.0)

    def carry_out(effect: WakeAt) -> None:
        conductor.tell(Tick())
        clock.advance(2.0)

    kernel = Scripted(lambda event: [WakeAt(1.0)] if event is FIRST else [])
    conductor = Conductor(kernel, clock, {WakeAt: carry_out})
    conductor.tell(FIRST)
    assert [now for _, now in kernel.heard] == [1.0, 2.0]


def test_after_a_handler_has_raised_it_listens_again() -> None:
    def carry_out(effect: WakeAt) -> None:
        if effect.at == 1.0:
            raise OSError("the ledger is gone")

    kernel = Scripted(lambda event: [WakeAt(1.0 if event is FIRST else 2.0)])
    conductor = Conductor(kernel, VirtualClock(), {WakeAt: carry_out})
    with pytest.raises(OSError, match="the ledger is gone"):
        conductor.tell(FIRST)
    conductor.tell(SECOND)
    assert [event for event, _ in kernel.heard] == [FIRST, SECOND]


def test_a_whole_round_is_carried_through_by_answers_from_within_the_call() -> None:
    started: list[Start] = []
    handlers: Handlers = {
        Decide: lambda e: conductor.tell(
            Decided(e.round, first_come_first_served(e.problem), "fifo")
        ),
        Reserve: lambda e: conductor.tell(Reserved(e.round, e.slots, {})),
        Claim: lambda e: conductor.tell(Claimed(e.round, {a.task.id for a in e.attempts})),
        Start: started.append,
    }
    conductor = Conductor(Kernel(KernelConfig()), VirtualClock(), handlers)
    conductor.tell(PoolChanged([pool("cpu")], {}))
    one = task()
    conductor.tell(Arrived([one]))
    [start] = started
    assert [attempt.task for attempt in start.attempts] == [one]
