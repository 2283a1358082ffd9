"""Breaks off code of others that takes too long."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from math import isfinite
from threading import Thread, current_thread, local, main_thread
from types import CodeType, FrameType
from typing import Any, Final, TypeVar

from trx_core.errors import OperatorError

__all__ = [
    "LONGEST_PAUSE",
    "LOOKS",
    "Look",
    "OutOfTime",
    "alarmed",
    "passes_through",
    "patience",
    "within",
]

T = TypeVar("T")

PATIENCE: Final = "TRX_PLUGINS_PATIENCE"
USUAL: Final = 60.0
LOOKS: Final = 4
"""How often a limit is looked at while it lasts, at least."""

LONGEST_PAUSE: Final = 1.0
"""Seconds between two looks, at most."""


class OutOfTime(BaseException):
    """Breaks off a call; none but who limits it should catch it."""


def patience() -> float:
    """Seconds that the code of a plugin may take to be imported or set up, as
    ``TRX_PLUGINS_PATIENCE`` says: infinite for no limit; 60 where nothing is said.

    Raises:
        OperatorError: ``TRX-O113``, it is no number above 0.
    """
    said = os.environ.get(PATIENCE, "")
    try:
        seconds = float(said) if said.strip() else USUAL
        if not seconds > 0:
            raise ValueError(said)
    except ValueError:
        raise OperatorError(
            f"{PATIENCE} is {said!r}, which is no number of seconds above 0.",
            code="TRX-O113",
            hint="Give a number, or inf for no limit.",
        ) from None
    return seconds


def within(seconds: float, call: Callable[[], T]) -> T:
    """``call()``, broken off if it takes longer.

    In the main thread it meets an exception wherever it is, at most a quarter of the time or a
    second late, and again until it lets go; what catches every exception goes on, and so does
    compiled code that does not return to Python.
    Elsewhere the call is made in a thread of its own, which is left behind. Nothing is broken off
    in the main thread where there is no SIGALRM, or somebody else handles it; nor is a call within
    a call: the outer one's time counts.

    Raises:
        OutOfTime: it was broken off.
    """
    if not isfinite(seconds) or getattr(_HERE, "limited", False):
        return call()
    if current_thread() is not main_thread():
        return _beside(seconds, call)
    _HERE.limited = True
    try:
        with alarmed(Look(seconds), min(seconds / LOOKS, LONGEST_PAUSE)):
            return _enter(call)
    finally:
        _HERE.limited = False


class Look:
    """Looks whether the time of a call is over, which begins when this is made."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due = time.monotonic() + seconds

    def __call__(self, _signal: int, frame: FrameType | None) -> None:
        """Break off what is overdue, and nothing else."""
        if time.monotonic() > self._due and passes_through(frame, _ENTRY):
            raise OutOfTime(_told(self._seconds))


@contextmanager
def alarmed(look: Callable[[int, FrameType | None], None], pause: float) -> Iterator[None]:
    """Have ``look`` called now and then, wherever the main thread is; what it raises is met there.

    Nothing is done in another thread, on a system without SIGALRM, or where somebody handles it
    already.

    Args:
        look: is given the signal's number and the frame that was interrupted.
        pause: seconds between two looks.
    """
    ours = current_thread() is main_thread() and hasattr(signal, "setitimer")
    if not ours or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, pause, pause)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def passes_through(frame: FrameType | None, codes: frozenset[CodeType]) -> bool:
    """Whether a frame was called, directly or not, from one that runs any of these."""
    while frame is not None:
        if frame.f_code in codes:
            return True
        frame = frame.f_back
    return False


def _enter(call: Callable[[], T]) -> T:
    """What is called from here may be broken off."""
    return call()


_ENTRY: Final = frozenset({_enter.__code__})

_HERE: Final = local()
"""Whether this thread is within a limited call."""


def _beside(seconds: float, call: Callable[[], T]) -> T:
    came: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        _HERE.limited = True
        try:
            came.append(_enter(call))
        except BaseException as error:
            raised.append(error)

    thread = Thread(target=copy_context().run, args=(run,), name=_enter.__qualname__, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _break_off(thread)
        raise OutOfTime(_told(seconds))
    if raised:
        raise raised[0]
    return came[0]


def _break_off(thread: Thread) -> None:
    """Have the thread meet an exception when it next runs Python code."""
    assert thread.ident is not None
    raising: Any = ctypes.pythonapi.PyThreadState_SetAsyncExc
    raising(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))


def _told(seconds: float) -> str:
    return f"not done within {seconds:g} s"
