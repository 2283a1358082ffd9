"""Successive shortest paths over places, compiled.

All lots start where the given prices send them; what a place has too much of then moves, along the
cheapest chains of exchanges, to places that have too little (R. Ahuja, T. Magnanti and J. Orlin,
"Network Flows", 1993, sections 9.7 and 9.8). Dijkstra's search runs over the P + 1 places,
backwards from those that have too little, and one search serves every place that has too much.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trx_algorithms.flow.board import extend, limit, shift
from trx_algorithms.flow.jit import compiled, compiled_leaf
from trx_algorithms.flow.lots import IDLE, NOBODY, Array, Board
from trx_algorithms.flow.opening import Seats, fill, make_board

__all__ = ["balance"]


class Search(NamedTuple):
    """Dijkstra's search; an entry for each place.

    Attributes:
        distance: from it to the nearest place that has too little.
        key: the same while it is open, else infinite.
        floor: 0 where idle units can be moved away, else infinite.
        onward: the next place on the way.
        by: who moves there.
        cost: what a unit of it costs to move.
        order: the places in the order in which they were closed.
        closed: places closed, places with too much still open.
        far: distance of the last place with too much.
        targets: to work on.
    """

    distance: Array
    key: Array
    floor: Array
    onward: Array
    by: Array
    cost: Array
    order: Array
    closed: Array
    far: Array
    targets: Array


@compiled_leaf
def _begin(b: Board, s: Search) -> bool:
    """Open a search; false if there is nothing to search for."""
    s.closed[0], s.closed[1], s.far[0] = 0, 0, 0.0
    for place in range(len(b.prices)):
        s.onward[place] = NOBODY
        s.floor[place] = 0.0 if b.idle[place] > 0 else np.inf
        s.distance[place] = s.key[place] = 0.0 if b.excess[place] < 0 else np.inf
        s.closed[1] += b.excess[place] > 0
    return bool(s.closed[1] > 0)


@compiled_leaf
def _explore(b: Board, s: Search) -> int:
    """Go on with a search; a place whose way on is but a bound, or ``NOBODY`` when it is over."""
    size = len(b.prices)
    while s.closed[1] > 0:
        place, nearest = NOBODY, np.inf
        for p in range(size):
            if s.key[p] < nearest:
                place, nearest = p, s.key[p]
        to = s.onward[place]
        if to >= 0:
            if b.idle[place] > 0 and b.least[place, to] >= 0:
                s.by[place], s.cost[place] = IDLE, 0.0
            elif b.mover[place, to] >= 0:
                s.by[place], s.cost[place] = b.mover[place, to], b.least[place, to]
            else:
                return place
        s.order[s.closed[0]] = place
        s.closed[0] += 1
        s.key[place] = np.inf
        if b.excess[place] > 0:
            s.closed[1] -= 1
            s.far[0] = nearest
        base = nearest + b.prices[place]
        for p in range(size):
            way = max(nearest, base + min(b.into[place, p], s.floor[p]) - b.prices[p])
            old = s.distance[p]
            closer = way < old
            s.distance[p] = way if closer else old
            s.key[p] = way if closer else s.key[p]
            s.onward[p] = place if closer else s.onward[p]
    return NOBODY


@compiled_leaf
def _reopen(b: Board, s: Search, place: int) -> None:
    """Measure again the way from a place, whose movers have changed."""
    s.distance[place] = np.inf
    for i in range(s.closed[0]):
        to = s.order[i]
        way = min(b.least[place, to], s.floor[place]) + b.prices[to] - b.prices[place]
        way = s.distance[to] + max(way, 0.0)
        if way < s.distance[place]:
            s.distance[place] = way
            s.onward[place] = to
    s.key[place] = s.distance[place]


@compiled_leaf
def _carry(b: Board, s: Search) -> None:
    """Move units along the shortest ways, as long as these are what they were."""
    for place in range(len(b.prices)):
        b.prices[place] += min(s.far[0], s.distance[place])
    for i in range(s.closed[0]):
        source = s.order[i]
        place, units = source, b.excess[source]
        while s.onward[place] >= 0 and units > 0:
            to = s.onward[place]
            units = min(units, limit(b, s.by[place], place, to, s.cost[place]))
            place = to
        units = min(units, -b.excess[place])
        if units <= 0:
            continue
        b.excess[place] += units
        b.excess[source] -= units
        place = source
        while s.onward[place] >= 0:
            shift(b, s.by[place], place, s.onward[place], units, s.targets)
            place = s.onward[place]


@compiled
def balance(
    cost: Array,
    capacity: Array,
    start: Array,
    price: Array,
    amount: Array,
    prices: Array,
    seats: Seats,
) -> tuple[Array, Array]:
    """An optimal flow, as lots, and the prices of the places that certify it.

    Costs that are whole numbers below 2**53 are dealt with exactly, others to rounding.
    """
    b = make_board(cost, start, price, amount, prices, seats)
    fill(b, capacity, (seats.held + seats.placed).sum())
    n = len(b.prices)
    s = Search(
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n),
        np.empty(n, np.int64),
        np.zeros(2, np.int64),
        np.zeros(1),
        np.empty(n, np.int64),
    )
    while _begin(b, s):
        place = _explore(b, s)
        while place >= 0:
            extend(b, place)
            _reopen(b, s, place)
            place = _explore(b, s)
        _carry(b, s)
    return b.lots[: b.spare[0]], b.prices
