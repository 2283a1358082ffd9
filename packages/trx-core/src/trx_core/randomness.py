"""Random numbers that depend on what they are for, not on what was drawn before.

A task's luck is keyed by (seed, task, attempt, purpose): the live engine and the lab draw the same
numbers for it, and two policies compared in the lab see the same luck (common random numbers).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

__all__ = ["KeyedRandom", "Purpose", "keyed_uniform"]
import numpy as np
from numpy.typing import NDArray

__all__ = ["HAND", "Hand", "KeyedRandom", "Purpose"]

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


class Purpose(IntEnum):
    """What a random number is for; part of its key."""

    SERVICE = 1
    BACKOFF = 2
    TRAFFIC = 3
    POLICY = 4
    WEATHER = 5


HAND: Final = 3
"""Numbers of a sequence that are drawn for many keys at once."""

_STEP = np.uint64(_GAMMA)
Hand = tuple[int, list[float]]
"""Where a sequence stands after its first few numbers, and these, the last one first."""


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
        self._dealt: list[float] = []
        self.gauss_next = None

    def getstate(self) -> tuple[Any, ...]:
        """Where it stands, for :meth:`setstate`, for copies and for pickles."""
        self._rewind()
        return self._base, self._state, self.gauss_next

    def setstate(self, state: tuple[Any, ...]) -> None:
        """Go back to where it stood."""
        self._base, self._state, self.gauss_next = state
        self._dealt = []

    def at(self, *key: int) -> KeyedRandom:
        """Move to the start of the sequence of ``key`` (integers of any size); returns itself."""
        state = self._base
        for part in key:
            state = _mix((state + _GAMMA) ^ _fold(part))
        self._state = state
        self._dealt = []
        self.gauss_next = None
        return self

    def deal(self, *parts: Sequence[int]) -> list[Hand]:
        """The starts of the sequences of many keys, computed at once; each is worth an :meth:`at`
        to :meth:`take_up`.

        Args:
            parts: the first, second, … part of each key, 0 to 2**128 - 1; one number is for all.
        """
        state, numbers = self._draw_all(parts)
        return list(zip(state.tolist(), numbers[:, ::-1].tolist(), strict=True))

    def first_numbers(self, *parts: Sequence[int]) -> NDArray[np.float64]:
        """[N, 3] the first numbers of the sequences of many keys; see :meth:`deal`."""
        return self._draw_all(parts)[1]

    def _draw_all(
        self, parts: Sequence[Sequence[int]]
    ) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        """[N] where the sequences of N keys stand after their first numbers, and [N, 3] these."""
        state = np.array([self._base], dtype=np.uint64)
        with np.errstate(over="ignore"):
            for column in parts:
                moved = state + _STEP
                carry = (moved < state).astype(np.uint64) << np.uint64(64 - 30)
                moved = moved ^ _fold_all(column)
                state = _mix_all(moved, carry)
            numbers = np.empty((state.size, HAND))
            for draw in range(HAND):
                state = state + _STEP
                numbers[:, draw] = (_mix_all(state) >> np.uint64(11)) * 2.0**-53
        return state, numbers

    def take_up(self, hand: Hand) -> KeyedRandom:
        """Move to the start of the sequence that was dealt; returns itself."""
        self._state, dealt = hand
        self._dealt = dealt.copy()
        self.gauss_next = None
        return self

    def random(self) -> float:
        """The next float in [0, 1)."""
        if self._dealt:
            return self._dealt.pop()
        state = self._state = (self._state + _GAMMA) & _MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def getrandbits(self, k: int, /) -> int:
        """A non-negative integer of ``k`` random bits."""
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        self._rewind()
        bits = 0
        for _ in range((k + 63) // 64):
            self._state = (self._state + _GAMMA) & _MASK
            bits = (bits << 64) | _mix(self._state)
        return bits >> (-k % 64)

    def _rewind(self) -> None:
        """Put back what was dealt and not drawn."""
        self._state = (self._state - len(self._dealt) * _GAMMA) & _MASK
        self._dealt = []


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


_Words = NDArray[np.uint64]
_NO_CARRY: Final = np.uint64(0)


def _mix_all(z: _Words, carry: _Words | np.uint64 = _NO_CARRY) -> _Words:
    """As :func:`_mix`; ``carry`` is the 65th bit of ``z``, which integers of Python keep, where the
    first shift puts it."""
    z = (z ^ (z >> np.uint64(30)) ^ carry) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _fold_all(values: Sequence[int]) -> _Words:
    if max(values) <= _MASK:
        return np.array(values, dtype=np.uint64)
    low = np.array([value & _MASK for value in values], dtype=np.uint64)
    high = np.array([value >> 64 for value in values], dtype=np.uint64)
    return np.where(high > 0, _mix_all(np.where(low > 0, low, _STEP)) ^ high, low)
