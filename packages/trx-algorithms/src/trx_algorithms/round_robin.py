"""Pools in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np

from trx_algorithms.seats import MANY, Bars, Floats, Seats
from trx_algorithms.spreading import Spread
from trx_algorithms.weights import PoolWeights, check_weights, weights_of
from trx_core.routing import RoutingProblem

__all__ = ["RoundRobin", "WeightedRoundRobin"]


class _Columns(NamedTuple):
    """A list of pools as columns of all pools: its length, what each gains by a choice among them,
    infinity for those that are not in it, and what all gain together."""

    length: int
    gain: Floats
    bar: Floats | None
    total: float


class RoundRobin(Spread):
    """Tasks in order of priority, each to the next pool in turn that may take it and has room.

    The classic of load balancers (as L. Kleinrock, "Queueing Systems II", 1976, has it for
    processors). The turn goes on from round to round; it skips pools that are full or not eligible,
    and a pool that has left the fleet loses its turn to the one now listed in its place.

    O(T·P) at worst, O(T) while pools have room. State: whose turn was last.

    Use it where pools are alike and tasks too: it spreads them most evenly and knows nothing that
    could be out of date. Do not use it where pools differ in size
    (:class:`WeightedRoundRobin`) or in load.
    """

    def __init__(self) -> None:
        self._last: UUID | None = None
        self._seat = -1

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """Find whose turn was last in the fleet as it is."""
        self._ids = [view.pool.id for view in problem.pools]
        if self._last in self._ids:
            self._seat = self._ids.index(self._last)
        elif self._last is not None:
            self._last, self._seat = None, self._seat - 1

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """The first one after the last."""
        last = self._seat
        self._seat = next((pool for pool in pools if pool > last), pools[0])
        self._last = self._ids[self._seat]
        return self._seat


class WeightedRoundRobin(Spread):
    """Pools in turn, in proportion to their weights, and evenly mixed.

    Smooth weighted round-robin as in nginx (I. Sysoev and M. Dounin,
    ``ngx_http_upstream_round_robin.c``, 2012): at each choice every pool in question gains its
    weight, the one that has gained most is chosen, and pays what all of them gained. Weights 5, 1,
    1 give a a b a c a a, not a a a a a b c. Tasks come in order of priority.

    O(T·P). State: a number for each pool of the fleet, from round to round.

    Use it where pools differ in size or speed in a way that is known beforehand. Do not use it
    where load or speed change: it does not look at them.

    Args:
        weights: ``capacity`` (in proportion to slots), ``equal``, or pool name → weight above 0,
            where a pool that is not named weighs 1.

    Raises:
        ValueError: a weight is not above 0.
    """

    def __init__(self, weights: PoolWeights = "capacity") -> None:
        self.weights = check_weights(weights)
        self._ids: list[UUID] = []
        self._standing: list[float] = []
        self._column: Floats | None = None

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """Keep what the pools of the fleet have gained, and forget the others."""
        self._weight = weights_of(problem, self.weights)
        standing = self._standing if self._column is None else self._column.tolist()
        gained = dict(zip(self._ids, standing, strict=True))
        self._ids = [view.pool.id for view in problem.pools]
        self._standing = [gained.get(key, 0.0) for key in self._ids]
        self._columns: dict[int, _Columns] = {}
        self._column = None
        if len(self._ids) > MANY and set(seats.slots) <= {1}:
            self._bars, self._column = Bars(len(self._ids)), np.array(self._standing)

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """The one that has gained most."""
        if self._column is not None:
            return self._choose_from(self._column, pools)
        weight, standing = self._weight, self._standing
        total = 0.0
        for pool in pools:
            total += weight[pool]
            standing[pool] += weight[pool]
        best = max(pools, key=standing.__getitem__)
        standing[best] -= total
        return best

    def _choose_from(self, standing: Floats, pools: Sequence[int]) -> int:
        """The same with columns of all pools."""
        known = self._columns.get(id(pools))
        if known is None or known.length != len(pools):
            bar = self._bars.of(pools)
            gain = np.where(bar == 0.0, self._weight, 0.0)
            total = sum(self._weight[pool] for pool in pools)
            known = _Columns(len(pools), gain, bar if bar.any() else None, total)
            self._columns[id(pools)] = known
        standing += known.gain
        best = int((standing if known.bar is None else standing - known.bar).argmax())
        standing[best] -= known.total
        return best
