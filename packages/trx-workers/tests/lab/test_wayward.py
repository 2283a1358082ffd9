"""Policies that meddle: what they return, or change, hurts nobody but them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from lab_bench import World, named, pool, task

from trx_core.engine import Blame
from trx_core.kernel import FALLBACK
from trx_core.models import EventType
from trx_core.routing import Decision, RoutingProblem, first_come_first_served


class Late(Decision):
    """Has a reason when it is asked for it."""

    def __init__(self, pool: Any) -> None:
        for name, value in (("pool", pool), ("order", None), ("propensity", None)):
            object.__setattr__(self, name, value)

    @property
    def reason(self) -> NoReturn:
        raise SystemExit("late")


class Text(str):
    """Leaves the process as soon as it is used as a string."""

    def _leave(self, *_: object) -> NoReturn:
        raise SystemExit("text")

    __str__ = __format__ = __eq__ = __hash__ = __bool__ = __len__ = _leave


class TwoFaced(list[int]):
    """Is what it is the first time that it is iterated, and zeros from then on."""

    def __iter__(self) -> Iterator[int]:
        first, self.seen = not getattr(self, "seen", False), True
        return super().__iter__() if first else iter([0] * len(self))


def late(problem: RoutingProblem) -> Decision:
    return Late(first_come_first_served(problem).pool)


def loud(problem: RoutingProblem) -> Decision:
    return Decision(first_come_first_served(problem).pool, reason=Text("loud"))


def two_faced(problem: RoutingProblem) -> Decision:
    order = TwoFaced(range(len(problem.tasks)))
    return Decision(first_come_first_served(problem).pool, order=order)


@pytest.mark.parametrize(
    ("route", "failures"),
    [(late, {("acme", Blame.BROKE_CONTRACT): 1}), (loud, {}), (two_faced, {})],
)
def test_a_run_outlives_whatever_a_policy_returns(route: Any, failures: dict[Any, int]) -> None:
    world, tasks = World(pool(capacity=3), algorithm=named(route)), [task() for _ in range(3)]
    assert world.run(*tasks) == 0
    assert world.lab.decider.failures == failures
    starts = [start for one in tasks for start in world.told(one, EventType.DISPATCHED)]
    assert [start.details["algorithm"] for start in starts] == (
        [FALLBACK if failures else "acme"] * 3
    )
    for reason in world.lab.reasons.values():
        assert type(reason.last) is str
