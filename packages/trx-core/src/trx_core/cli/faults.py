"""What an error becomes on the command line: one line, and an exit code by whose fault it is."""

from __future__ import annotations

import os
import select
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Final

from trx_core.errors import OperatorError, TrxError, describe
from trx_core.stdout import StdoutFailed

__all__ = [
    "EXIT_BY_FAULT",
    "EXIT_INTERRUPTED",
    "Carried",
    "PipeClosed",
    "drain",
    "report",
    "stdout_is_closed",
    "warn",
]

EXIT_BY_FAULT: Final[Mapping[str, int]] = {"caller": 2}
EXIT_BY_CODE: Final[Mapping[str, int]] = {"TRX-O120": 2, "TRX-O121": 2}
"""Of the operator's errors, those of a fleet that a command is given as a file."""
EXIT_OTHER_FAULT: Final = 1
EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130


UNFORESEEN: Final = "TRX-X900"


class PipeClosed(Exception):
    """Nobody reads our output any more."""


class Carried(Exception):
    """Carries its cause past typer, which would end the process without a word about it."""


def report(error: BaseException, *, show_traceback: bool, author: str = "") -> int:
    """Tell an error on stderr; the exit code for it.

    Args:
        error: what ended the command; of a group of our own errors, each is told.
        show_traceback: whether to tell where it came from.
        author: who wrote the command that failed, when it is not ours.
    """
    leaves = list(_leaves(error))
    if len(leaves) == 1:
        (error,) = leaves
    if isinstance(error, SystemExit):
        return _exit_code(error)
    for kind, code in _QUIET.items():
        if isinstance(error, kind):
            return code
    if show_traceback:
        traceback.print_exception(error)
    ours = [leaf for leaf in leaves if isinstance(leaf, TrxError)]
    if len(ours) == len(leaves):
        for line in dict.fromkeys(map(str, ours)):
            warn(line)
        return _exit_for(ours[0])
    told = describe(error).rstrip(": ").rstrip(".")
    whom = f" to the authors of {author}" if author else ""
    again = "Report it" if show_traceback else "Run again with --traceback and report it"
    warn(f"{UNFORESEEN}: internal error: {told}. {again}{whom}.")
    return EXIT_INTERNAL


def _exit_for(error: TrxError) -> int:
    by_fault = EXIT_BY_FAULT.get(error.fault, EXIT_OTHER_FAULT)
    return EXIT_BY_CODE.get(error.code, by_fault)


_QUIET: Final = {KeyboardInterrupt: EXIT_INTERRUPTED, PipeClosed: EXIT_OTHER_FAULT}


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The error that was carried, or those that a group is made of."""
    if isinstance(error, Carried) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    elif isinstance(error, StdoutFailed):
        yield _unwritable(error)
    else:
        yield error


def _unwritable(error: StdoutFailed) -> OperatorError:
    return OperatorError(
        f"standard output could not be written to: {error}.",
        code="TRX-O114",
        hint="Make room, or lead it elsewhere.",
    )


def warn(text: str) -> None:
    """One line on stderr, whatever line breaks ``text`` has; quiet if stderr is closed."""
    try:
        print(" ".join(text.split()), file=sys.stderr, flush=True)
    except BrokenPipeError:
        _silence(sys.stderr.fileno())


def drain() -> None:
    """Write out what is left of our output, if anyone reads it.

    Raises:
        PipeClosed: nobody reads it any more; the rest is thrown away.
        StdoutFailed: it cannot be written; the rest is thrown away.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout.fileno())
        raise PipeClosed from None
    except StdoutFailed:
        _silence(sys.stdout.fileno())
        raise


def stdout_is_closed(error: Exception) -> bool:
    """Whether ``error`` says that our own output, not some other pipe, has nobody to read it."""
    if not isinstance(error, BrokenPipeError):
        return False
    descriptor = sys.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, 0)
    closed = any(state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0))
    if closed:
        _silence(descriptor)
    return closed


def _silence(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    warn(str(error.code))
    return 1
