"""The same key to the same pool."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.cheapest import Cheapest
from trx_algorithms.seats import Seats
from trx_algorithms.weights import PoolWeights, check_weights, weights_of
from trx_core.models import Task
from trx_core.routing import RoutingProblem

__all__ = ["StickyHash"]

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
MIX: Final = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


class StickyHash(Cheapest):
    """Tasks of one key to one pool as long as it has room, then to the next one of that key.

    Rendezvous hashing (D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase
    hit rates", IEEE/ACM Trans. Netw. 6, 1998), weighted as by J. Schindelhauer and G. Schomaker
    (SPAA 2005): every key has its own order of all pools, drawn by a hash of the two. When a pool
    comes, only the keys that it now wins move to it; when one goes, only its keys move, and each to
    the next pool of its own. So does a task whose pool is full or not eligible. Tasks come in order
    of priority.

    O(T·P). No randomness, no state: every runner sends a key to the same pool, and a pool is known
    by its id.

    Use it where a pool keeps something that helps the next task of the same key: a model in
    memory, a warm cache, a session. Do not use it where a few keys make most of the traffic: their
    pools are full and the others idle, so that little sticks.

    Args:
        key: field of a task's metadata; a task without it is spread by its id.
        weights: ``capacity`` (keys in proportion to slots), ``equal``, or pool name → weight above
            0, where a pool that is not named weighs 1.

    Raises:
        ValueError: a weight is not above 0.
    """

    def __init__(self, key: str = "session", weights: PoolWeights = "capacity") -> None:
        self.key = key
        self.weights = check_weights(weights)

    def price(self, problem: RoutingProblem, seats: Seats) -> Floats:
        """Negative scores: ``weight / ln u`` with ``u`` uniform by key and pool."""
        names = [self._name(task) for task in problem.tasks]
        row_of = {name: row for row, name in enumerate(dict.fromkeys(names))}
        keys = np.array([_word(name.encode()) for name in row_of], dtype=np.uint64)
        pools = np.array([_word(view.pool.id.bytes) for view in problem.pools], dtype=np.uint64)
        mixed = _mixed(_mixed(keys + GAMMA)[:, None] + pools[None, :])
        uniform = ((mixed >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
        price = np.array(weights_of(problem, self.weights)) / np.log(uniform)
        return np.asarray(price[[row_of[name] for name in names]])

    def _name(self, task: Task) -> str:
        return str(task.metadata.get(self.key, task.id))


def _word(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def _mixed(words: Words) -> Words:
    """The finalizer of SplitMix64 (G. Steele, D. Lea and C. Flood, OOPSLA 2014)."""
    for shift, factor in MIX:
        words = (words ^ (words >> shift)) * factor
    return words ^ (words >> np.uint64(31))
