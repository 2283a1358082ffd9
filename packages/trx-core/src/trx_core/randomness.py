"""Random numbers that depend on what they are for, not on what was drawn before.

A task's luck is keyed by (seed, task, attempt, purpose): the live engine and the lab draw the same
numbers for it, and two policies compared in the lab see the same luck (common random numbers).
"""

from __future__ import annotations

import random
from enum import IntEnum
from typing import Any

__all__ = ["KeyedRandom", "Purpose", "keyed_uniform"]

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


class Purpose(IntEnum):
    """What a random number is for; part of its key."""

    SERVICE = 1
    BACKOFF = 2
    TRAFFIC = 3
    POLICY = 4
    WEATHER = 5


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class KeyedRandom(random.Random):
    """A ``random.Random`` whose sequence is a function of ``(seed, key)``.

    SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
    OOPSLA 2014) started from a hash of the key. Re-keying costs about a microsecond, so that one
    object serves every task. Not for secrets.

    Args:
        seed: any integer.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)

    def seed(self, a: object = 0, version: int = 2) -> None:
        """Start anew from seed ``a``, at the start of the sequence of no key.

        Raises:
            TypeError: ``a`` is no integer.
        """
        if not isinstance(a, int):
            raise TypeError(f"a KeyedRandom is seeded with an integer, not {type(a).__name__}")
        self._base = self._state = _mix(_fold(a))
        self.gauss_next = None

    def getstate(self) -> tuple[Any, ...]:
        """Where it stands, for :meth:`setstate`, for copies and for pickles."""
        return self._base, self._state, self.gauss_next

    def setstate(self, state: tuple[Any, ...]) -> None:
        """Go back to where it stood."""
        self._base, self._state, self.gauss_next = state

    def at(self, *key: int) -> KeyedRandom:
        """Move to the start of the sequence of ``key`` (integers of any size); returns itself."""
        state = self._base
        for part in key:
            state = _mix((state + _GAMMA) ^ _fold(part))
        self._state = state
        self.gauss_next = None
        return self

    def random(self) -> float:
        """The next float in [0, 1)."""
        state = self._state = (self._state + _GAMMA) & _MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def getrandbits(self, k: int, /) -> int:
        """A non-negative integer of ``k`` random bits."""
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        bits = 0
        for _ in range((k + 63) // 64):
            self._state = (self._state + _GAMMA) & _MASK
            bits = (bits << 64) | _mix(self._state)
        return bits >> (-k % 64)


def keyed_uniform(seed: int, *key: int) -> float:
    """The first number, in [0, 1), of ``KeyedRandom(seed).at(*key)``, without a generator.

    For what is a function of its key alone, such as the weather at an instant.
    """
    state = _mix(_fold(seed))
    for part in key:
        state = _mix((state + _GAMMA) ^ _fold(part))
    return (_mix((state + _GAMMA) & _MASK) >> 11) * 2.0**-53


def _fold(value: int) -> int:
    folded = value & _MASK
    value = abs(value) >> 64
    while value:
        folded = _mix(folded or _GAMMA) ^ (value & _MASK)
        value >>= 64
    return folded
