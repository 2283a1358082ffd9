"""Keeps stdout for whoever reports on it, whatever the code of others writes there."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from io import BufferedWriter, FileIO, RawIOBase, TextIOBase, TextIOWrapper
from threading import Lock
from typing import Any, Final, ParamSpec, TextIO, TypeVar, cast

__all__ = [
    "blame_stdout",
    "keeps_stdout",
    "leave_stdout",
    "own_stdout",
    "stdout_aside",
]

P = ParamSpec("P")
R = TypeVar("R")

STDOUT: Final = 1
STDERR: Final = 2


class StdoutFailed(Exception):
    """Stdout cannot be written, for the reason that is the message."""


@contextmanager
def stdout_aside() -> Iterator[None]:
    """Send to stderr what is written to stdout: by ``print``, to the descriptor, and by compiled
    code. :func:`own_stdout` still leads there. For the whole process, while the last one lasts.
    """
    with _LOCK:
        if not _DIVERSIONS:
            _DIVERSIONS.append(_Diversion())
        diversion = _DIVERSIONS[0]
        diversion.users += 1
    try:
        yield
    finally:
        with _LOCK:
            diversion.users -= 1
            if not diversion.users:
                _DIVERSIONS.clear()
                diversion.end()


def own_stdout() -> TextIO:
    """Where a report goes: stdout, even while it is put aside."""
    return _DIVERSIONS[0].kept if _DIVERSIONS else sys.stdout


def keeps_stdout(command: Callable[P, R]) -> Callable[P, R]:
    """For a command that runs the code of others and reports to :func:`own_stdout` alone."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with stdout_aside():
            return command(*args, **kwargs)

    return run


def blame_stdout() -> None:
    """Have what cannot be written to this process's stdout, as on a full disk, raise
    :class:`StdoutFailed` from whatever writes there; a reader that is gone is met as before, with
    a ``BrokenPipeError``."""
    if _is(sys.stdout, STDOUT):
        _flush(sys.stdout)
        sys.stdout = _stream_as(sys.stdout, STDOUT, closefd=False)


def leave_stdout() -> None:
    """Put stdout aside for what is left of this process: the report is out."""
    if _is(sys.stdout, STDOUT):
        _flush(sys.stdout)
        _lead_to_stderr()


class _Diversion:
    """Stdout leads to stderr, from when this is made until it ends.

    Attributes:
        kept: leads where stdout led before.
        users: how many want it.
    """

    def __init__(self) -> None:
        self.users = 0
        self._before = sys.stdout
        self._moved = _is(self._before, STDOUT)
        if self._moved:
            _flush(self._before)
            self.kept = _another(self._before)
            _lead_to_stderr()
        else:
            self.kept = self._before or _NOWHERE
        sys.stdout = sys.stderr or self._before

    def end(self) -> None:
        """Put stdout back, and write out what is left of the report."""
        sys.stdout = self._before
        if self._moved:
            _flush(self._before)
            os.dup2(self.kept.fileno(), STDOUT)
            self.kept.close()


class _Nowhere(TextIOBase):
    """What there is where a process has no stdout."""

    def write(self, text: str) -> int:
        return len(text)


_NOWHERE: Final = cast(TextIO, _Nowhere())

_DIVERSIONS: Final[list[_Diversion]] = []
"""The one that lasts, if one does."""

_LOCK: Final = Lock()

_LIBRARY: Final = ctypes.CDLL(None)


def _is(stream: TextIO | None, descriptor: int) -> bool:
    """Whether a stream writes to a descriptor; there may be none, or one that has none."""
    try:
        return stream is not None and stream.fileno() == descriptor
    except (OSError, ValueError):
        return False


def _another(stream: TextIO) -> TextIO:
    """A stream of its own to where stdout leads, that writes as ``stream`` does."""
    return _stream_as(stream, os.dup(STDOUT), closefd=True)


class _Blaming(FileIO):
    """A file whose failures are told from those of others."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StdoutFailed(error.strerror or str(error)) from error


def _stream_as(stream: TextIO, descriptor: int, *, closefd: bool) -> TextIO:
    """A stream to a descriptor that writes as ``stream`` does."""
    raw = _Blaming(descriptor, "w", closefd=closefd)
    bare = isinstance(getattr(stream, "buffer", None), RawIOBase)
    return TextIOWrapper(
        cast(BufferedWriter, raw) if bare else BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )


def _lead_to_stderr() -> None:
    """Have stdout's descriptor lead where stderr's does; nowhere if there is none."""
    if _is(sys.__stderr__, STDERR):
        os.dup2(STDERR, STDOUT)
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDOUT)
    os.close(nowhere)


def _flush(stream: TextIO) -> None:
    """Write out what Python and compiled code have kept back; a reader that is gone is met by
    whoever writes next."""
    with suppress(OSError, ValueError):
        stream.flush()
    _LIBRARY.fflush(None)
