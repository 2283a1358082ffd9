"""Feeds a kernel and hands out its effects."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from trx_core.clock import Clock
from trx_core.kernel import Event, Kernel

__all__ = ["Conductor", "Handlers"]

Handlers = Mapping[type[Any], Callable[[Any], None]]
"""Effect type → what carries the effect out, now or later, and tells the answer."""


class Conductor:
    """The loop between a kernel and whatever carries out its effects.

    A handler may answer at once, from within the call (the lab), or later (the live engine):
    :meth:`tell` queues what is told during another event and never nests.

    Args:
        kernel: decides.
        clock: tells the kernel the time; one that steps back is held at the latest instant.
        handlers: one for every type of effect.
    """

    def __init__(self, kernel: Kernel, clock: Clock, handlers: Handlers) -> None:
        self._kernel = kernel
        self._clock = clock
        self._handlers = handlers
        self._inbox: deque[Event] = deque()
        self._busy = False
        self._now = float("-inf")

    def tell(self, event: Event) -> None:
        """Have the kernel take in ``event``, and its effects carried out."""
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self._now = max(self._now, self._clock.now())
                for effect in self._kernel.handle(self._inbox.popleft(), self._now):
                    self._handlers[type(effect)](effect)
        finally:
            self._busy = False
