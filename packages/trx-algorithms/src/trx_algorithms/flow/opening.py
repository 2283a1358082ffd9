"""How the compiled solver begins: every class where the prices send it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trx_algorithms.flow.board import extend
from trx_algorithms.flow.jit import compiled, compiled_leaf
from trx_algorithms.flow.lots import KIND, LOT, NOBODY, PLACE, Array, Board, add, gates

__all__ = ["Seats", "fill", "make_board", "seat"]


class Seats(NamedTuple):
    """Where the prices send each class.

    Attributes:
        pool: [K] the best pool.
        step: [K] the first rung that is not held.
        held: [K] units held.
        placed: [K] units at the best pool.
        margin: [K] what moving a unit costs at least.
    """

    pool: Array
    step: Array
    held: Array
    placed: Array
    margin: Array


@compiled_leaf
def _two_least(cost: Array, prices: Array) -> tuple[float, float]:
    """The least and the second least sum; two at a time, which processors do faster."""
    a = b = c = d = np.inf
    for p in range(0, len(cost) - 1, 2):
        x, y = cost[p] + prices[p], cost[p + 1] + prices[p + 1]
        above, beyond = x if x > a else a, y if y > b else b
        a, b = x if x < a else a, y if y < b else b
        c, d = above if above < c else c, beyond if beyond < d else d
    if len(cost) % 2 == 1:
        x = cost[-1] + prices[-1]
        above = x if x > a else a
        a = x if x < a else a
        c = above if above < c else c
    return min(a, b), min(max(a, b), c, d)


@compiled_leaf
def _best(cost: Array, prices: Array, first: float, tied: bool, room: Array) -> int:
    """The pool where the sum is ``first``; of several, the one with most room."""
    best = NOBODY
    for p in range(len(cost)):
        if cost[p] + prices[p] == first and (best < 0 or room[p] > room[best]):
            best = p
            if not tied:
                break
    return best


@compiled
def seat(
    cost: Array, capacity: Array, start: Array, price: Array, amount: Array, prices: Array
) -> Seats:
    """Send each class where the prices make it cheapest, those with a choice last. O(K·P + S)."""
    kinds = len(cost)
    pool, step = np.empty(kinds, np.int64), start[:-1].copy()
    held, placed = np.zeros(kinds, np.int64), np.zeros(kinds, np.int64)
    margin = np.empty(kinds)
    room = capacity.copy()
    for turn in range(2):
        for kind in range(kinds):
            if turn == 1 and margin[kind] > 0:
                continue
            first, second = _two_least(cost[kind], prices)
            pool[kind] = _best(cost[kind], prices, first, first == second, room)
            rung, last, least = start[kind], start[kind + 1], np.inf
            while rung < last and price[rung] < first:
                rung += 1
            if rung < last:
                least = min(second, price[rung]) - first
            if rung > start[kind]:
                least = min(least, first - price[rung - 1])
            margin[kind] = least
            if turn == 0 and least <= 0:
                continue
            while rung < last and price[rung] == first and room[pool[kind]] < amount[rung]:
                rung += 1
            step[kind] = rung
            for r in range(start[kind], last):
                units = held if r < rung else placed
                units[kind] += amount[r]
            room[pool[kind]] -= placed[kind]
    return Seats(pool, step, held, placed, margin)


@compiled
def make_board(
    cost: Array, start: Array, price: Array, amount: Array, prices: Array, seats: Seats
) -> Board:
    """The board with every class at its seat, and some lots of each place near to moving."""
    kinds, pools = cost.shape
    size = pools + 1
    lots = np.minimum(seats.held + seats.placed, size).sum()
    b = Board(
        cost,
        start,
        price,
        amount,
        np.zeros(kinds, KIND),
        np.empty(lots, LOT),
        np.array([0, NOBODY]),
        np.empty(size, PLACE),
        np.empty((size, size)),
        np.empty((size, size)),
        np.full((size, size), NOBODY),
        np.empty((size, size)),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.append(prices, 0.0),
        np.append(prices, 0.0),
    )
    for place in range(size):
        b.places[place].near = b.places[place].rest = NOBODY
    for kind in range(kinds):
        b.kinds[kind].step, b.kinds[kind].lots = seats.step[kind], NOBODY
        gates(b, kind)
    _settle(b, seats, np.zeros(size, np.int64), np.empty(kinds, np.int64))
    for place in range(size):
        extend(b, place)
    return b


@compiled_leaf
def _settle(b: Board, seats: Seats, ends: Array, by_pool: Array) -> None:
    """Make the lots, those of a place beside each other in memory (a counting sort)."""
    pools = b.cost.shape[1]
    for kind in range(len(by_pool)):
        ends[seats.pool[kind] + 1] += 1
    for pool in range(pools):
        ends[pool + 1] += ends[pool]
    for kind in range(len(by_pool)):
        by_pool[ends[seats.pool[kind]]] = kind
        ends[seats.pool[kind]] += 1
    for i in range(len(by_pool)):
        kind = by_pool[i]
        if seats.placed[kind] > 0:
            add(b, kind, seats.pool[kind], seats.placed[kind], seats.margin[kind])
            b.excess[seats.pool[kind]] += seats.placed[kind]
    for kind in range(len(seats.held)):
        if seats.held[kind] > 0:
            add(b, kind, pools, seats.held[kind], seats.margin[kind])
            b.excess[pools] += seats.held[kind]


@compiled_leaf
def fill(b: Board, capacity: Array, supply: int) -> None:
    """Fill the pools that cost nothing with idle units, and keep the others in the hold."""
    pools = len(capacity)
    for place in range(pools):
        b.excess[place] -= capacity[place]
        b.idle[pools] += capacity[place]
        if b.prices[place] <= 0 and b.excess[place] < 0:
            b.idle[place] = -b.excess[place]
            b.idle[pools] -= b.idle[place]
            b.excess[place] = 0
    b.excess[pools] += b.idle[pools] - supply
