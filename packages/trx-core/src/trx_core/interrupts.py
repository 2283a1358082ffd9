"""Tells an interrupt by the user from a ``KeyboardInterrupt`` that plugin code raises by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, Final, NoReturn

from trx_core.errors import is_kind

__all__ = ["interrupts_taken_quietly", "is_the_users", "telling_interrupts_apart"]


class UserInterrupt(KeyboardInterrupt):
    """A signal came."""


@contextmanager
def telling_interrupts_apart() -> Iterator[None]:
    """Have SIGINT raise what is known for a signal; for the main thread.

    Nothing is done in another thread, nor where somebody handles SIGINT already; a handler that
    is put in meanwhile stays.
    """
    ours = current_thread() is main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is _raise:
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def interrupts_taken_quietly() -> Iterator[None]:
    """Say that whoever handles SIGINT now raises nothing; for the main thread."""
    handler = signal.getsignal(signal.SIGINT)
    _QUIET.append(handler)
    try:
        yield
    finally:
        _QUIET.remove(handler)


def is_the_users(error: BaseException) -> bool:
    """Whether a call in this thread was interrupted by a signal, as far as can be told."""
    if not is_kind(error, KeyboardInterrupt) or current_thread() is not main_thread():
        return False
    return is_kind(error, UserInterrupt) or signal.getsignal(signal.SIGINT) not in _QUIET


def _raise(*_: object) -> NoReturn:
    raise UserInterrupt


_QUIET: Final[list[Any]] = [_raise]
"""Handlers of SIGINT that never raise a plain ``KeyboardInterrupt``."""
