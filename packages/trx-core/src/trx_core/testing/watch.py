"""Sees clocks read, hidden luck drawn, and doors to the outside opened or gone through while code
runs.

Calls are seen by Python's own profiling and audit hooks (``sys.setprofile``, PEP 578), so nothing
is patched and no alias escapes. What an import does, and what ``logging`` and ``warnings`` do, is
not held against the code that sets it off; that something is logged, is. The thread that watches is
seen, and every thread that is started by way of ``threading`` meanwhile; one that was there before
is not. Nor is what compiled code does by itself, as numpy when it makes a ``datetime64('now')``.
"""

from __future__ import annotations

import _thread
import datetime
import gc
import io
import logging
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any, Final, TypeGuard

import numpy as np

from trx_core import limits, randomness

__all__ = ["Sightings", "even_luck", "watch"]

CLOCKS: Final = {
    id(call): f"time.{call.__name__}"
    for call in (
        *(time.time, time.time_ns, time.monotonic, time.monotonic_ns, time.perf_counter),
        *(time.perf_counter_ns, time.process_time, time.process_time_ns, time.thread_time),
        *(time.gmtime, time.localtime, time.sleep),
    )
}
DATES: Final = frozenset({"now", "today", "utcnow"})
ENTROPY: Final = id(os.urandom)
SYSTEM: Final = sys.modules[os.stat.__module__]
DOORS: Final = (
    *("open", "builtins.input", "mmap.", "os.", "shutil.", "glob.", "pathlib.", "tempfile."),
    *("socket.", "subprocess.", "urllib.", "http.", "ftplib.", "smtplib.", "sqlite3."),
)
"""Audit events of input and output, or what their names start with."""

CALLS: Final = {
    id(print): "print",
    id(_thread.start_new_thread): "a thread that is started",
}
"""Doors that are functions."""

HARMLESS: Final = frozenset({"fspath", "getpid", "getppid", "cpu_count", "register_at_fork"})
"""What of the system's functions asks nothing of the outside."""

IN_MEMORY: Final = (io.StringIO, io.BytesIO)
LOGS: Final = logging.Logger.handle.__code__

EXCUSED: Final = frozenset(
    {"importlib._bootstrap", "importlib._bootstrap_external", "logging", "warnings", "linecache"}
)
EXCUSED_CODE: Final = frozenset({limits.Look.__call__.__code__})
"""What comes in between, whoever runs."""

KEYED: Final = randomness.KeyedRandom.at.__code__
RANDOM_CODE: Final = {
    *(KEYED, random.Random.seed.__code__),
    *(one.__code__ for one in (randomness.KeyedRandom.random, randomness.KeyedRandom.getrandbits)),
}
ENTERED_FROM: Final = 3
"""Frames from the watcher's making to the block: the context manager's and its generator's."""

GLOBAL: Final[random.Random] = random._inst


@dataclass(slots=True)
class Sightings:
    """What was seen, each as ``call at file:line``.

    Attributes:
        clock: clocks that were read.
        luck: random numbers that came from elsewhere than a seed or the generator given.
        doors: files, sockets, processes and threads that were opened, asked for, written to or
            begun; what was printed or logged.
    """

    clock: list[str] = field(default_factory=list)
    luck: list[str] = field(default_factory=list)
    doors: list[str] = field(default_factory=list)


class _Watcher:
    """The profile function, and what it has seen."""

    def __init__(self, given: random.Random | None) -> None:
        self.seen = Sightings()
        self.threads = {threading.get_ident()}
        self.outside = sys._getframe(ENTERED_FROM)
        self._given = given
        self._born: set[int] = set()
        self._asked = False

    def __call__(self, frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            self._builtin(frame, called)
        elif event == "call" and frame.f_code in RANDOM_CODE:
            self._generator(frame)
        elif event == "call" and frame.f_code is LOGS:
            self.note(self.seen.doors, "something is logged", _outside(frame, logging.__name__))

    def join(self, frame: FrameType, event: str, called: Any) -> None:
        """Be the profile function of a thread that has just been started."""
        self.threads.add(threading.get_ident())
        sys.setprofile(self)
        self(frame, event, called)

    def note(self, where: list[str], what: str, frame: FrameType | None) -> None:
        """Keep a sighting unless someone on the way to it is excused."""
        site = f"{what} at {_site(frame, self.outside)}"
        while frame is not None and frame is not self.outside:
            if frame.f_code in EXCUSED_CODE or frame.f_globals.get("__name__") in EXCUSED:
                return
            frame = frame.f_back
        if site not in where:
            where.append(site)

    def _builtin(self, frame: FrameType, called: Any) -> None:
        if id(called) in CLOCKS:
            self.note(self.seen.clock, CLOCKS[id(called)], frame)
        elif id(called) == ENTROPY:
            self.note(self.seen.luck, "os.urandom", frame)
        elif (door := _door_of(called)) is not None:
            self.note(self.seen.doors, door, frame)
        else:
            owner = getattr(called, "__self__", None)
            if isinstance(owner, random.Random):
                self._drawn(frame, owner)
            elif called.__name__ in DATES and _is_date(owner):
                self.note(self.seen.clock, f"{owner.__name__}.{called.__name__}", frame)

    def _generator(self, frame: FrameType) -> None:
        owner = frame.f_locals["self"]
        if frame.f_code is KEYED:
            self._asked &= owner is not self._given
        elif frame.f_code is not random.Random.seed.__code__:
            self._drawn(frame.f_back or frame, owner)
        elif self._given is not None and not self._asked:
            self.note(self.seen.luck, "a generator not seeded from the one given", frame.f_back)
        elif frame.f_locals["a"] is None:
            self.note(self.seen.luck, "a generator without a seed", frame.f_back)
        else:
            self._born.add(id(owner))

    def _drawn(self, frame: FrameType, owner: random.Random) -> None:
        if owner is GLOBAL:
            self.note(self.seen.luck, "the random module's own generator", frame)
        elif owner is self._given:
            self._asked = True
        elif self._given is not None and id(owner) not in self._born:
            self.note(self.seen.luck, "another generator than the one given", frame)


_WATCHERS: Final[list[_Watcher]] = []
"""Who watches now; the last one counts."""


@cache
def _hook() -> None:
    """Audit hooks stay: there is one, which does nothing while nobody watches."""
    sys.addaudithook(_audit)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _WATCHERS or not event.startswith(DOORS):
        return
    watcher = _WATCHERS[-1]
    if threading.get_ident() in watcher.threads:
        watcher.note(watcher.seen.doors, _door(event, args), sys._getframe(1))


@contextmanager
def watch(given: random.Random | None = None) -> Iterator[Sightings]:
    """Watch what the code in the block does.

    Garbage is not collected meanwhile: what finalizers and the collector's callbacks do is not
    the block's doing.

    Args:
        given: the only generator that may be drawn from, but for such as are made in the block
            and seeded after a draw from it, anew whenever it is keyed; by default any that was
            seeded.
    """
    _hook()
    before, states = sys.getprofile(), _states()
    watcher = _Watcher(given)
    collects = gc.isenabled()
    gc.disable()
    _WATCHERS.append(watcher)
    others = threading.getprofile()
    threading.setprofile(watcher.join)
    sys.setprofile(watcher)
    try:
        yield watcher.seen
    finally:
        sys.setprofile(before)
        threading.setprofile(others)
        _WATCHERS.remove(watcher)
        if collects:
            gc.enable()
    after = _states()
    moved = [name for name, state in states.items() if state != after[name]]
    watcher.seen.luck += [f"the global generator of {name}" for name in moved]


@contextmanager
def even_luck(seed: int = 0) -> Iterator[None]:
    """Seed every global generator alike, and put it back afterwards.

    So that what draws from one does not look as if it could not make up its mind as well.
    """
    python, columns = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(columns)


def _states() -> dict[str, bytes]:
    """Of the global generators that profiling does not see."""
    reads: dict[str, Callable[[Any], Any]] = {
        "numpy": lambda numpy: (
            repr(numpy.random.get_state()[1:]).encode() + numpy.random.get_state()[1].tobytes()
        ),
        "torch": lambda torch: torch.get_rng_state().numpy().tobytes(),
    }
    return {name: read(sys.modules[name]) for name, read in reads.items() if name in sys.modules}


def _is_date(owner: Any) -> TypeGuard[type[datetime.date]]:
    return isinstance(owner, type) and issubclass(owner, datetime.date)


def _door_of(called: Any) -> str | None:
    """What a builtin function opens or goes through, if it does."""
    if id(called) in CALLS:
        return CALLS[id(called)]
    owner = getattr(called, "__self__", None)
    if owner is SYSTEM:
        return None if called.__name__ in HARMLESS else f"os.{called.__name__}"
    if isinstance(owner, io.IOBase) and not isinstance(owner, IN_MEMORY):
        return f"{type(owner).__name__}.{called.__name__}"
    return None


def _outside(frame: FrameType, module: str) -> FrameType | None:
    """The nearest frame that is not of a module."""
    at: FrameType | None = frame
    while at is not None and at.f_globals.get("__name__") == module:
        at = at.f_back
    return at


def _site(frame: FrameType | None, outside: FrameType) -> str:
    """The file and line of the nearest code that is not the standard library's."""
    at = frame
    while at is not None and at is not outside:
        name = str(at.f_globals.get("__name__", "")).partition(".")[0]
        if name not in sys.stdlib_module_names:
            frame = at
            break
        at = at.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "nowhere"


def _door(event: str, args: tuple[Any, ...]) -> str:
    return f"{event}({args[0]!r})" if args and isinstance(args[0], str | bytes) else event
