"""Errors that say whose fault it is, carry a stable code, and say what to do."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Any, ClassVar, Final

__all__ = [
    "AdapterError",
    "CallerError",
    "InvalidParameters",
    "KernelError",
    "OperatorError",
    "PermanentError",
    "PluginError",
    "TransientError",
    "TrxError",
    "describe",
    "is_kind",
    "message_of",
    "trace_of",
    "traceback_of",
]

FRAMES: Final = 20
"""The innermost calls of a traceback, as many of which are kept."""

LONGEST_TRACE: Final = 8_000
"""Characters of a traceback that are kept, the last ones."""

_NAME: Final[Any] = vars(type)["__name__"]
_TRACEBACK: Final[Any] = vars(BaseException)["__traceback__"]


class TrxError(Exception):
    """Base of every error that TaskRouterX raises on purpose.

    ``str(error)`` is one line: ``CODE: what happened. What to do.``

    Args:
        message: what happened, naming the thing at fault.
        code: stable identifier, ``TRX-`` + letter of the party at fault + three digits.
        hint: what to do about it; ``None`` when the message already says so.

    Attributes:
        trace: where foreign code raised, as Python tells it; empty where that is not known, or
            was told before.
    """

    trace: str = ""
    fault: ClassVar[str] = "unknown"

    def __init__(self, message: str, *, code: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}"
        return f"{text} {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it comes whole from another process."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[TrxError], args: tuple[Any, ...], state: dict[str, Any]) -> TrxError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class CallerError(TrxError):
    """The caller of an API or a command asked for something impossible (codes ``TRX-C…``)."""

    fault = "caller"


class PluginError(TrxError):
    """A plugin failed to load or broke its contract (codes ``TRX-P…``)."""

    fault = "plugin"


class AdapterError(TrxError):
    """A server that we depend on (Redis, PostgreSQL, a worker) failed (codes ``TRX-A…``)."""

    fault = "adapter"


class OperatorError(TrxError):
    """The installation or its configuration must be mended (codes ``TRX-O…``)."""

    fault = "operator"


class KernelError(TrxError):
    """An engine told the kernel something that its transition table forbids (codes ``TRX-K…``)."""

    fault = "engine"


class TransientError(Exception):
    """Raised by the code of a task: this attempt failed, and another one may succeed.

    Args:
        message: what went wrong, for people.
        retry_after: seconds that the next attempt should wait at least; ``None``: as the retry
            policy has it.
    """

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(Exception):
    """Raised by the code of a task: no further attempt can succeed."""


class InvalidParameters(ValueError):
    """What a plugin's factory may raise for parameters that it does not take, naming each.

    A plain ``ValueError`` or ``TypeError`` does as well where parameters are given; this one lets
    an API answer by field.

    Args:
        faults: path of the parameter, dotted, and what is wrong with it; at least one.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(": ".join(filter(None, fault)) for fault in faults))
        self.faults = tuple(faults)


def is_kind(error: BaseException, *kinds: type[BaseException]) -> bool:
    """Whether what foreign code raised is of one of these types; of its own code nothing runs, as
    ``isinstance`` would run its ``__class__``."""
    return issubclass(type(error), kinds)


def describe(error: BaseException) -> str:
    """Type of what foreign code raised, and its message if it has one; of its own code no more runs
    than what makes the message."""
    name = str(_NAME.__get__(type(error)))
    return ": ".join(filter(None, (_printable(name), message_of(error))))


def message_of(error: BaseException) -> str:
    """Message of what foreign code raised, which may raise itself when it is asked for one.

    Characters that would steer a terminal are written as Python writes them.
    """
    try:
        message = str.__str__(str(error))
    except BaseException:
        return "its message cannot be told"
    return _printable(message)


def traceback_of(error: BaseException) -> TracebackType:
    """Where what was caught had been raised, whatever its own ``__traceback__`` says."""
    found: TracebackType = _TRACEBACK.__get__(error)
    return found


def trace_of(error: BaseException) -> str:
    """Where foreign code raised: the innermost twenty calls of its traceback, and its causes'."""
    try:
        told = "".join(traceback.format_exception(error, limit=-FRAMES))
    except BaseException:
        return "its traceback cannot be told"
    return _printable(told.rstrip())[-LONGEST_TRACE:]


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() or one in "\n\t" else repr(one)[1:-1] for one in text)
