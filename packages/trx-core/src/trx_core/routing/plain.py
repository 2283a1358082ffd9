"""Rules so plain that an engine may follow them itself, without making a round of each decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import IntEnum
from inspect import getattr_static
from math import inf
from types import FunctionType
from typing import Final, NamedTuple, Protocol, cast

from trx_core.models import Task
from trx_core.routing.composed import ByArrival, ByPriority, Composed, LeastLoaded, Urgency
from trx_core.routing.scoring import Best, PoolState, ScoreAlgorithm, urgency_of

__all__ = ["Choice", "Plain", "PlainRule", "Turn", "in_turn", "plain_rule"]


class Turn(IntEnum):
    """Who chooses first."""

    ARRIVAL = 0
    PRIORITY = 1


class Choice(IntEnum):
    """Which of the pools that may take a task and have the slots free; the first of several."""

    MOST_FREE = 0
    LEAST_BUSY = 1


class PlainRule(NamedTuple):
    """Each task in turn, to the pool of its choice; it is held only where there is none.

    Attributes:
        turn: who is first; of equals who arrived first, then the lesser id.
        choice: of a pool.
    """

    turn: Turn
    choice: Choice


class Plain(Protocol):
    """What an algorithm has besides ``route`` if that follows a plain rule, and has no state."""

    @property
    def plain_rule(self) -> PlainRule | None:
        """The rule; ``None`` if its parameters make it another one."""
        ...


_TURNS: Final[Mapping[type, Turn]] = {ByArrival: Turn.ARRIVAL, ByPriority: Turn.PRIORITY}


def plain_rule(algorithm: object) -> PlainRule | None:
    """The rule that an algorithm says it follows, or is known to; its very class must say so, so
    that one that is derived from it, and may do something else, does not."""
    if type(algorithm) is Composed and type(algorithm.placement) is LeastLoaded:
        turn = _TURNS.get(type(algorithm.ordering))
        return None if turn is None else PlainRule(turn, Choice.MOST_FREE)
    if not isinstance(getattr_static(algorithm, "route", None), FunctionType):
        return None
    if "plain_rule" not in vars(type(algorithm)):
        return None
    with suppress(Exception):
        rule: object = cast(Plain, algorithm).plain_rule
        return rule if isinstance(rule, PlainRule) else None
    return None


def in_turn(algorithm: object) -> tuple[Urgency, Best] | None:
    """Of an algorithm that decides one task after the other without a look at the rest of the
    round: what sorts the tasks, and what chooses a pool for the next; ``None`` of every other."""
    urgency = urgency_of(algorithm)
    if urgency is not None:
        return urgency, cast(ScoreAlgorithm, algorithm).best
    rule = plain_rule(algorithm)
    return None if rule is None else (_URGENCY[rule.turn], _BEST[rule.choice])


def _most_free(task: Task, pools: Iterable[PoolState]) -> PoolState | None:
    found, most = None, task.slots - 1
    for pool in pools:
        free = pool.free
        if free > most:
            found, most = pool, free
    return found


def _least_busy(task: Task, pools: Iterable[PoolState]) -> PoolState | None:
    found, least, slots = None, inf, task.slots
    for pool in pools:
        free = pool.free
        if free >= slots:
            busy = pool.capacity - free
            if busy < least:
                found, least = pool, busy
    return found


_URGENCY: Final[Mapping[Turn, Urgency]] = {
    Turn.ARRIVAL: ByArrival().urgency,
    Turn.PRIORITY: ByPriority().urgency,
}
_BEST: Final[Mapping[Choice, Best]] = {
    Choice.MOST_FREE: _most_free,
    Choice.LEAST_BUSY: _least_busy,
}
