"""Random numbers that depend on what they are for, not on what was drawn before.

A task's luck is keyed by (seed, task, attempt, purpose), and what becomes of it on a pool by the
pool's name too: the live engine and the lab draw the same numbers for it, two policies compared in
the lab that place it in the same pool see the same luck (common random numbers), and the streams of
two pools are independent.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2s
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["HAND", "Hand", "KeyedRandom", "Keys", "Purpose", "keyed_uniform", "named"]

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
_Words = NDArray[np.uint64]
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

    def keys(self, *parts: Sequence[int]) -> Keys:
        """Many keys at once.

        Args:
            parts: the first, second, … part of each key, 0 to 2**128 - 1; one number is for all.
        """
        return Keys(np.array([self._base], dtype=np.uint64)).then(*parts)

    def first_numbers(self, *parts: Sequence[int]) -> NDArray[np.float64]:
        """[N, 3] the first numbers of the sequences of many keys; see :meth:`keys`."""
        return self.keys(*parts).numbers()

    def take_up(self, hand: Hand) -> KeyedRandom:
        """Move to the start of the sequence that was dealt; returns itself."""
        self._state, self._dealt = hand[0], hand[1].copy()
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


class Keys:
    """N keys, each worth an :meth:`KeyedRandom.at`, worked on at once.

    Args:
        starts: [N] of their sequences.
    """

    __slots__ = ("_starts",)

    def __init__(self, starts: _Words) -> None:
        self._starts = starts

    def then(self, *parts: Sequence[int]) -> Keys:
        """The keys with further parts; as of :meth:`KeyedRandom.keys`."""
        state = self._starts
        with np.errstate(over="ignore"):
            for column in parts:
                moved = state + _STEP
                carry = (moved < state).astype(np.uint64) << np.uint64(64 - 30)
                state = _mix_all(moved ^ _fold_all(column), carry)
        return Keys(state)

    def numbers(self) -> NDArray[np.float64]:
        """[N, 3] the first numbers of their sequences."""
        state = self._starts
        numbers = np.empty((HAND, state.size))
        with np.errstate(over="ignore"):
            for drawn in numbers:
                state = state + _STEP
                np.multiply(_mix_all(state) >> np.uint64(11), 2.0**-53, out=drawn)
        return numbers.T

    def hand(self, row: int, numbers: NDArray[np.float64]) -> Hand:
        """The key in a row, for :meth:`KeyedRandom.take_up`.

        Args:
            row: of the key.
            numbers: what :meth:`numbers` gives.
        """
        state = (self._starts.item(row) + HAND * _GAMMA) & _MASK
        return state, numbers[row, ::-1].tolist()


@lru_cache(maxsize=4096)
def named(name: str) -> int:
    """A part of a key for whoever has that name: 64 bits of its BLAKE2s hash."""
    return int.from_bytes(blake2s(name.encode(), digest_size=8).digest())


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
