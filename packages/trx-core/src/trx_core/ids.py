"""Time-ordered identifiers: UUID version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import random
from typing import Final
from uuid import UUID, SafeUUID

__all__ = ["IdFactory"]

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_COUNTER_BITS = 12
_new: Final = object.__new__
_put: Final = object.__setattr__
"""Makes a UUID of a number that is one, in half the time."""


class IdFactory:
    """Makes UUIDs of version 7 that increase strictly, whatever the clock does.

    The twelve bits of ``rand_a`` are a counter within the millisecond (RFC 9562, section 6.2,
    method 1); when it is full, or when the clock steps back, the time stamp runs ahead instead.

    Args:
        rng: source of the 62 random bits; a seeded one gives the same ids again.
    """

    def __init__(self, rng: random.Random) -> None:
        self._getrandbits = rng.getrandbits
        self._tick = 0

    def one(self, now: float) -> UUID:
        """A new id for the instant ``now`` (seconds since the Unix epoch, not negative)."""
        tick = self._tick = max(self._tick + 1, int(now * 1000) << _COUNTER_BITS)
        return self._pack(tick)

    def many(self, count: int, now: float) -> list[UUID]:
        """``count`` new ids for the instant ``now``, in increasing order."""
        first = max(self._tick + 1, int(now * 1000) << _COUNTER_BITS)
        self._tick = first + count - 1
        return [self._pack(tick) for tick in range(first, first + count)]

    def _pack(self, tick: int) -> UUID:
        millis, counter = tick >> _COUNTER_BITS, tick & 0xFFF
        low = _VARIANT | self._getrandbits(62)
        made = _new(UUID)
        _put(made, "int", (millis << 80) | _VERSION | (counter << 64) | low)
        _put(made, "is_safe", SafeUUID.unknown)
        return made
