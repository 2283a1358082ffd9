"""The time that simulated workers live in: the clock's, or so many times faster."""

from __future__ import annotations

from trx_core.clock import Clock

__all__ = ["ServiceTime"]


class ServiceTime:
    """Seconds of simulated service, counted from the same origin as the clock's.

    Args:
        clock: the wall's.
        scale: simulated seconds that pass in one of the clock's, above 0.
    """

    def __init__(self, clock: Clock, scale: float) -> None:
        self._clock = clock
        self._scale = scale

    def now(self) -> float:
        """Seconds of simulated service."""
        return self._clock.now() * self._scale

    def on_the_clock(self, instant: float) -> float:
        """When the clock reaches an instant of simulated service, or a span of it, seconds."""
        return instant / self._scale
