"""Successive shortest paths over places, in numpy: for where numba is not installed.

The method is that of :mod:`trx_algorithms.flow.pathwise`; ways are found by Bellman and Ford's
algorithm on the whole matrix of movers, which numpy does faster than Dijkstra's search.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from trx_algorithms.flow.problem import Floats, Ints, Problem

__all__ = ["Places", "Seats", "balance", "seat", "ways"]

IDLE: Final = -2
NOBODY: Final = -1


class Places:
    """A flow, and the cheapest mover between each two places; the last place is the hold.

    Args:
        problem: K classes, P pools.
        units: [K, P + 1] units of each class at each place, in Fortran order; it is changed.
        idle: [P + 1] unfilled slots at each pool, and the filled ones in the hold; it is changed.

    Attributes:
        least: [P + 1, P + 1] least cost of moving a unit from a place to another.
        mover: [P + 1, P + 1] the class that moves at that cost.
    """

    def __init__(self, problem: Problem, units: Ints, idle: Ints) -> None:
        size = len(idle)
        self.problem = problem
        self.units, self.idle = units, idle
        self.hold = size - 1
        self.least = np.full((size, size), np.inf)
        self.mover = np.full((size, size), NOBODY)
        self._up, self._down = np.empty(len(units)), np.empty(len(units))
        self._gates(np.arange(len(units)))
        for place in range(size):
            self._look(place)

    def limit(self, kind: int, place: int, to: int, cost: float) -> int:
        """Units of a class that may move at a cost each; 0 if it has changed."""
        if kind == IDLE:
            return int(self.idle[place])
        units = int(self.units[kind, place])
        if units == 0 or self._value(kind, to, self._up) - self._value(kind, place, self._down) != (
            cost
        ):
            return 0
        held, problem = int(self.units[kind, self.hold]), self.problem
        rung = self._rung(kind, held)
        if to == self.hold:
            return int(min(units, problem.below[rung] + problem.amount[rung] - held))
        if place == self.hold:
            return int(min(units, held - problem.below[self._rung(kind, held - 1)]))
        return units

    def shift(self, kind: int, place: int, to: int, units: int) -> None:
        """Move units of a class, within its limit."""
        if kind == IDLE:
            self.idle[place] -= units
            self.idle[to] += units
            self._look(place)
            self._look(to)
            return
        self.units[kind, place] -= units
        self.units[kind, to] += units
        touched = {place, to}
        if self.hold in touched:
            self._gates(np.array([kind]))
            touched.update(np.flatnonzero(self.units[kind]).tolist())
        for at in touched:
            self._look(at)

    def _rung(self, kind: int, held: int) -> int:
        """The rung of the unit of a class that comes after ``held`` others."""
        first, last = self.problem.start[kind], self.problem.start[kind + 1]
        return int(first + np.searchsorted(self.problem.below[first:last], held, "right") - 1)

    def _gates(self, kinds: Ints) -> None:
        """What holding one unit more of some classes costs, and what the last one held costs."""
        problem, held = self.problem, self.units[kinds, self.hold]
        for gate, at, never in ((self._up, held, np.inf), (self._down, held - 1, -np.inf)):
            gate[kinds] = never
            some = (at >= 0) & (at < problem.supply[kinds])
            rungs = np.array([self._rung(k, n) for k, n in zip(kinds[some], at[some], strict=True)])
            gate[kinds[some]] = problem.price[rungs.astype(np.int64)]

    def _value(self, kind: int, place: int, gate: Floats) -> float:
        return float(gate[kind] if place == self.hold else self.problem.cost[kind, place])

    def _look(self, place: int) -> None:
        """Find the cheapest movers from a place."""
        kinds, row = np.flatnonzero(self.units[:, place]), self.least[place]
        if len(kinds):
            cost = self.problem.cost[kinds]
            base = self._down[kinds] if place == self.hold else cost[:, place]
            way = np.column_stack([cost, self._up[kinds]]) - base[:, None]
            best = way.argmin(axis=0)
            row[:] = way[best, np.arange(len(row))]
            self.mover[place] = kinds[best]
        else:
            row[:] = np.inf
        if self.idle[place] > 0:
            self.mover[place][row >= 0] = IDLE
            np.minimum(row, 0.0, out=row)
        row[place] = np.inf


class Seats(NamedTuple):
    """Where the prices send each class.

    Attributes:
        units: [K, P + 1] units of each class at each place, in Fortran order.
        idle: [P + 1] idle units at each place.
        excess: [P + 1] units too many at each place.
    """

    units: Ints
    idle: Ints
    excess: Ints


def balance(problem: Problem, prices: Floats, seats: Seats) -> tuple[Places, Floats]:
    """An optimal flow, and the prices of the places that certify it.

    Args:
        problem: K classes, P pools.
        prices: [P] to start from, not negative.
        seats: where they send each class; changed.

    Costs that are whole numbers below 2**53 are dealt with exactly, others to rounding.
    """
    units, idle, excess = seats
    places = Places(problem, units, idle)
    prices = np.append(prices, 0.0)
    everywhere = np.arange(len(prices))
    while np.any(excess > 0):
        rise = np.maximum(places.least + prices - prices[:, None], 0.0)
        distance, onward = ways(rise, excess < 0)
        sources = np.flatnonzero(excess > 0)
        prices += np.minimum(distance, distance[sources].max())
        by, cost = places.mover[everywhere, onward], places.least[everywhere, onward]
        for source in sources[np.argsort(distance[sources], kind="stable")].tolist():
            _carry(places, excess, source, onward, by, cost)
    return places, prices


def seat(problem: Problem, prices: Floats) -> Seats:
    """Send each class where the prices make it cheapest."""
    kinds, pools = problem.shape
    value = problem.cost + prices
    best = value.argmin(axis=1)
    first = value[np.arange(kinds), best]
    units = np.zeros((kinds, pools + 1), np.int64, order="F")
    cheaper = problem.price < first[problem.rung_class]
    held = np.bincount(problem.rung_class[cheaper], problem.amount[cheaper], kinds)
    units[:, pools] = held
    units[np.arange(kinds), best] = problem.supply - units[:, pools]
    excess = units.sum(axis=0)
    excess[:pools] -= problem.capacity
    idle = np.zeros(pools + 1, np.int64)
    free = np.flatnonzero((prices <= 0) & (excess[:pools] < 0))
    idle[free] = -excess[free]
    excess[free] = 0
    idle[pools] = problem.capacity.sum() - idle.sum()
    excess[pools] += idle[pools] - problem.supply.sum()
    return Seats(units, idle, excess)


def ways(length: Floats, goal: np.ndarray) -> tuple[Floats, Ints]:
    """The distance from each place to a goal, and the next place on the way."""
    distance = np.where(goal, 0.0, np.inf)
    onward = np.full(len(distance), NOBODY)
    everywhere = np.arange(len(distance))
    for _ in everywhere:
        via = length + distance
        nearest = via.argmin(axis=1)
        shorter = via[everywhere, nearest] < distance
        if not shorter.any():
            break
        distance[shorter] = via[everywhere, nearest][shorter]
        onward[shorter] = nearest[shorter]
    return distance, onward


def _carry(places: Places, excess: Ints, source: int, onward: Ints, by: Ints, cost: Floats) -> None:
    """Move units along the way from a place, as far as it is what it was."""
    way = [source]
    units = int(excess[source])
    while onward[way[-1]] >= 0 and units > 0:
        place, to = way[-1], int(onward[way[-1]])
        units = min(units, places.limit(int(by[place]), place, to, float(cost[place])))
        way.append(to)
    units = min(units, -int(excess[way[-1]]))
    if units <= 0:
        return
    excess[source] -= units
    excess[way[-1]] += units
    for place, to in pairwise(way):
        places.shift(int(by[place]), place, to, units)
