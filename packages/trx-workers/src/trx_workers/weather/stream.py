"""Uniform random numbers that belong to a pool, or a name that pools share, and a purpose."""

from __future__ import annotations

from enum import IntEnum
from hashlib import blake2s
from typing import NamedTuple

from trx_core.models import WorkerPool
from trx_core.randomness import Purpose, keyed_uniform

__all__ = ["Stream", "Weather"]


class Weather(IntEnum):
    """What the numbers are for; part of their key."""

    OUTAGE = 1
    BROWNOUT = 2
    DRIFT = 3
    MARKET = 4


class Stream(NamedTuple):
    """Independent of every other stream.

    Attributes:
        seed: of the run.
        weather: the purpose.
        owner: the pool's, or the hash of the name that pools share.
        number: which of several of a kind that an owner has.
    """

    seed: int
    weather: Weather
    owner: int
    number: int = 0

    @classmethod
    def of(
        cls, seed: int, weather: Weather, pool: WorkerPool, group: str | None, number: int = 0
    ) -> Stream:
        """The stream of a pool, or of its group if it names one."""
        if group is None:
            return cls(seed, weather, pool.id.int, number)
        digest = blake2s(group.encode(), digest_size=16).digest()
        return cls(seed, weather, int.from_bytes(digest))

    def uniform(self, *key: int) -> float:
        """The number in [0, 1) of that key."""
        return keyed_uniform(
            self.seed, Purpose.WEATHER, self.weather, self.owner, self.number, *key
        )
