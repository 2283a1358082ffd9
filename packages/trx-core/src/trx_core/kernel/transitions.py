"""The life of a task within a kernel, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trx_core.errors import KernelError

__all__ = ["TRANSITIONS", "Phase", "Signal", "after", "follow"]


class Phase(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    DECIDING = "deciding"
    RESERVING = "reserving"
    CLAIMING = "claiming"
    RUNNING = "running"
    COMPLETED = "completed"
    RETRYING = "retrying"
    DEAD = "dead"
    DROPPED = "dropped"


class Signal(StrEnum):
    """What moves it on."""

    ENTER_ROUND = "enter_round"
    PLACE = "place"
    HOLD = "hold"
    GRANT = "grant"
    DENY = "deny"
    ACCEPT = "accept"
    REFUSE = "refuse"
    ABORT = "abort"
    CANCEL = "cancel"
    SUCCEED = "succeed"
    FAIL = "fail"
    GIVE_UP = "give_up"
    LOSE = "lose"


TRANSITIONS: Final[Mapping[tuple[Phase, Signal], Phase]] = MappingProxyType(
    {
        (Phase.WAITING, Signal.ENTER_ROUND): Phase.DECIDING,
        (Phase.WAITING, Signal.CANCEL): Phase.DROPPED,
        (Phase.DECIDING, Signal.PLACE): Phase.RESERVING,
        (Phase.DECIDING, Signal.HOLD): Phase.WAITING,
        (Phase.DECIDING, Signal.ABORT): Phase.WAITING,
        (Phase.RESERVING, Signal.GRANT): Phase.CLAIMING,
        (Phase.RESERVING, Signal.DENY): Phase.WAITING,
        (Phase.RESERVING, Signal.ABORT): Phase.WAITING,
        (Phase.CLAIMING, Signal.ACCEPT): Phase.RUNNING,
        (Phase.CLAIMING, Signal.REFUSE): Phase.DROPPED,
        (Phase.CLAIMING, Signal.ABORT): Phase.WAITING,
        (Phase.RUNNING, Signal.SUCCEED): Phase.COMPLETED,
        (Phase.RUNNING, Signal.FAIL): Phase.RETRYING,
        (Phase.RUNNING, Signal.GIVE_UP): Phase.DEAD,
        (Phase.RUNNING, Signal.LOSE): Phase.DROPPED,
    }
)


def after(phase: Phase, signal: Signal) -> Phase:
    """The phase that follows.

    Raises:
        KernelError: ``TRX-K100``, the table has no such transition.
    """
    try:
        return TRANSITIONS[phase, signal]
    except KeyError:
        raise KernelError(
            f"a task that is {phase} cannot {signal}.",
            code="TRX-K100",
            hint="This is a defect of the engine; please report it.",
        ) from None


def follow(phase: Phase, *signals: Signal) -> Phase:
    """The phase that follows after several signals.

    Raises:
        KernelError: ``TRX-K100``, the table has no such transition.
    """
    for signal in signals:
        phase = after(phase, signal)
    return phase
