"""The network simplex method, compiled: for few classes of many units.

Rows are the rungs of the classes and, last, the idle units, which cost nothing anywhere; columns
are the pools and, last, the hold. Every column is exactly full, so the problem is a transportation
problem (R. Ahuja, T. Magnanti and J. Orlin, "Network Flows", 1993, chapter 11), whose basis is a
tree. It starts from a greedy filling, in which those choose first who would lose most by coming
late; then, again and again, whoever saves most among some rows enters the tree.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from trx_algorithms.flow.jit import compiled, compiled_leaf
from trx_algorithms.flow.lots import NOBODY, Array
from trx_algorithms.flow.tree import NODE, Tableau, grow, pivot, reduced

__all__ = ["pivot_to_optimum"]

BATCH: Final = 32
"""Rows that are looked at for those that might enter."""

PATIENCE: Final = 200
"""Pivots for each node of the tree after which the method gives up: it may be going in circles."""

ROUNDING: Final = 1e-13
"""Of the largest cost: a saving that is none."""


@compiled_leaf
def _least(cost: Array, values: Array) -> float:
    """The least difference; four at a time, which processors do faster than one by one."""
    a = b = c = d = np.inf
    whole = len(cost) // 4 * 4
    for p in range(0, whole, 4):
        w, x = cost[p] - values[p], cost[p + 1] - values[p + 1]
        y, z = cost[p + 2] - values[p + 2], cost[p + 3] - values[p + 3]
        a = w if w < a else a
        b = x if x < b else b
        c = y if y < c else c
        d = z if z < d else d
    for p in range(whole, len(cost)):
        w = cost[p] - values[p]
        a = w if w < a else a
    return min(a, b, c, d)


@compiled_leaf
def _best(t: Tableau, row: int) -> int:
    """The column where a unit of a row saves most; ``NOBODY`` where it saves nothing."""
    pools, value, best = t.cost.shape[1], t.nodes[row].value, NOBODY
    if row == len(t.kind):
        dearest = 0
        for p in range(pools + 1):
            if t.columns[p] > t.columns[dearest]:
                dearest = p
        return dearest if -value < t.columns[dearest] else NOBODY
    cost = t.cost[t.kind[row]]
    least = _least(cost, t.columns)
    if t.hold[row] - t.columns[pools] < min(least, value):
        return int(pools)
    if least < value:
        for p in range(pools):
            if cost[p] - t.columns[p] == least:
                best = p
                break
    return best


@compiled_leaf
def _fill(t: Tableau, supply: Array, room: Array, extra: Array, order: Array, arcs: Array) -> None:
    """A first basis: each row in turn to what is cheapest for it, until that is full.

    Args:
        t: the problem.
        supply: [M] units of each row; used up.
        room: [P + 1] units that each column takes; used up.
        extra: [P + 1] price of a unit of room; made infinite where there is none left.
        order: [M] the rows.
        arcs: [M + P + 1, 3] row, column and units of each arc of the tree; written.
    """
    pools, count = t.cost.shape[1], 0
    for i in range(len(order)):
        row = order[i]
        cost = t.cost[t.kind[row]]
        while True:
            column, least = pools, t.hold[row]
            for p in range(pools):
                value = cost[p] + extra[p]
                if value < least:
                    column, least = p, value
            units = min(supply[row], room[column])
            arcs[count, 0], arcs[count, 1], arcs[count, 2] = row, column, units
            count += 1
            supply[row] -= units
            room[column] -= units
            if supply[row] == 0:
                break
            extra[column] = np.inf
    for column in range(pools + 1):
        if extra[column] < np.inf:
            arcs[count, 0], arcs[count, 1], arcs[count, 2] = len(order), column, room[column]
            count += 1


@compiled_leaf
def _improve(t: Tableau, batch: Array, stack: Array, most: int, none: float) -> bool:
    """Pivot until nothing saves any more; false if that takes too many pivots."""
    rows, row, idle, pivots = len(t.kind) + 1, 0, 0, 0
    while idle < rows:
        count = 0
        for _ in range(BATCH):
            column = _best(t, row)
            if column >= 0:
                batch[count, 0], batch[count, 1] = row, column
                count += 1
            row = row + 1 if row + 1 < rows else 0
        idle += BATCH
        while True:
            saving, chosen = -none, NOBODY
            for i in range(count):
                value = reduced(t, batch[i, 0], batch[i, 1])
                if value < saving:
                    saving, chosen = value, i
            if chosen < 0:
                break
            if pivots == most:
                return False
            pivot(t, batch[chosen, 0], batch[chosen, 1], stack)
            pivots += 1
            idle = 0
    return True


@compiled
def pivot_to_optimum(
    cost: Array, kind: Array, hold: Array, supply: Array, capacity: Array, prices: Array
) -> Any:
    """The optimum as a tree.

    Args:
        cost: [K, P] by class.
        kind: [M] class of each row.
        hold: [M] price of holding a unit of each row.
        supply: [M] units of each row.
        capacity: [P] of the pools.
        prices: [P] of the pools, to start from.

    Returns:
        Whether it was found; the nodes, rows first; the dual values of the columns.
    """
    rows, pools = len(kind), len(capacity)
    nodes = np.empty(rows + pools + 2, NODE)
    t = Tableau(cost, kind, hold, nodes, np.zeros(pools + 1))
    regret = np.empty(rows)
    finite = 0.0
    for row in range(rows):
        first, second = hold[row], np.inf
        finite = max(finite, abs(first))
        for p in range(pools):
            value = cost[kind[row], p] + prices[p]
            if value < second:
                if value < first:
                    first, second = value, first
                else:
                    second = value
        regret[row] = first - second
    arcs = np.empty((rows + pools + 1, 3), np.int64)
    stack, first_end = np.empty(len(nodes), np.int64), np.empty(len(nodes), np.int64)
    room, extra = np.append(capacity, supply.sum()), np.append(prices, 0.0)
    _fill(t, supply.copy(), room, extra, np.argsort(regret * supply), arcs)
    grow(t, arcs, first_end, np.empty(2 * len(arcs), np.int64), stack)
    batch, most = np.empty((BATCH, 2), np.int64), PATIENCE * len(nodes)
    found = _improve(t, batch, stack, most, ROUNDING * finite)
    return found, nodes, t.columns
