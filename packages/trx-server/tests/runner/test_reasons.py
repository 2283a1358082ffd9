"""Why an algorithm decides as it does is said in the log, now and then."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

from trx_core.engine import Decider, NamedAlgorithm
from trx_core.fleets import default_fleet
from trx_core.kernel import Decide, Decided, Event
from trx_core.routing import Breaker, Decision, PoolView, RoutingProblem
from trx_server.runner.decisions import Decisions
from trx_server.runner.reasons import LONGEST, SELDOM, Reasons


class Explains:
    def route(self, problem: RoutingProblem) -> Decision:
        return Decision([], reason=f"round {problem.number}\nis empty")


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    ours = [one for one in caplog.records if one.name == "trx_server.runner.reasons"]
    assert {one.levelno for one in ours} <= {logging.INFO}
    return [(str(vars(one)["algorithm"]), one.getMessage().partition(": ")[2]) for one in ours]


def hear(reasons: Reasons, now: float, reason: Any, name: str = "acme") -> None:
    reasons.hear(Decided(1, Decision([], reason=reason), name), now)


async def test_a_round_that_is_explained_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    decider = Decider(NamedAlgorithm("acme", "acme 1.0", Explains()), budget=30.0)
    pool = default_fleet().pools[0]
    view = PoolView(pool, 1, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0)
    told: list[Event] = []
    async with anyio.create_task_group() as tasks:
        decisions = Decisions(decider, tasks, told.append)
        for number in (1, 2):
            problem = RoutingProblem([], [view], now=float(number), number=number)
            decisions.decide(Decide(number, problem))
            while len(told) < number:
                await anyio.sleep(0.01)
    assert said(caplog) == [("acme", "round 1 is empty")]


def test_each_algorithm_is_heard_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reasons = Reasons()
    for now, reason in ((0.0, "a"), (1.0, "b 7"), (SELDOM - 1, "b 5"), (SELDOM, "a")):
        hear(reasons, now, reason)
    hear(reasons, SELDOM + 1, "d")
    hear(reasons, SELDOM + 1, "e", "other")
    assert said(caplog) == [
        ("acme", "a"),
        ("acme", "2 rounds: b 5 (7 at most); 1 round: a"),
        ("other", "e"),
    ]


def test_what_stays_the_same_is_not_said_again_and_is_counted_when_something_else_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    reasons = Reasons()
    for minute in range(4):
        hear(reasons, minute * SELDOM, "calm")
    hear(reasons, 4 * SELDOM, "busy")
    hear(reasons, 5 * SELDOM, "; ".join(f"{letter} is full" for letter in "abcdefg"))
    assert said(caplog) == [
        ("acme", "calm"),
        ("acme", "3 rounds: calm; 1 round: busy"),
        ("acme", "; ".join(f"{letter} is full" for letter in "abcdefg")),
    ]
    for minute in (6, 7):
        hear(reasons, 5 * SELDOM + minute, "; ".join(f"{letter} is full" for letter in "abcdefg"))
    hear(reasons, 9 * SELDOM, "calm")
    assert said(caplog)[-1][1].endswith("e is full; 5 times something else")


def test_what_is_no_reason_is_not_said_and_a_long_one_is_cut(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    reasons = Reasons()
    for reason in (None, ""):
        hear(reasons, 0.0, reason)
    assert said(caplog) == []
    hear(reasons, 0.0, "word " * LONGEST)
    ((_, text),) = said(caplog)
    assert len(text) <= LONGEST and text.endswith("word …")
