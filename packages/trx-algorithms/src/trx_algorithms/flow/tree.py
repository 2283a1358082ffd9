"""The basis of the network simplex method, compiled: a tree over rows and columns.

It is rooted at the hold (R. Ahuja, T. Magnanti and J. Orlin, "Network Flows", 1993, chapter 11). Of
several arcs that could leave it, the one that keeps the tree strongly feasible does, if it was
(W. Cunningham, "A network simplex method", Math. Prog. 11, 1976).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from trx_algorithms.flow.jit import compiled_leaf
from trx_algorithms.flow.lots import NOBODY, Array

__all__ = ["NODE", "Tableau", "grow", "pivot", "reduced"]

NODE: Final = np.dtype(
    [
        *(("parent", "i8"), ("flow", "i8"), ("depth", "i8"), ("value", "f8")),
        *(("child", "i8"), ("next", "i8"), ("prev", "i8")),
    ]
)
"""A row or a column: the tree, the flow between it and its parent, and its dual value."""


class Tableau(NamedTuple):
    """The transportation problem; M rows and the idle one, P pools and the hold.

    Attributes:
        cost: [K, P] by class.
        kind: [M] class of each row.
        hold: [M] price of holding.
        nodes: [M + 1 + P + 1] of ``NODE``, rows first.
        columns: [P + 1] dual values of the columns, beside each other.
    """

    cost: Array
    kind: Array
    hold: Array
    nodes: Array
    columns: Array


@compiled_leaf
def reduced(t: Tableau, row: int, column: int) -> float:
    """What a unit of a row saves, if negative, by going to a column."""
    cost = 0.0
    if row < len(t.kind):
        pools = t.cost.shape[1]
        cost = t.cost[t.kind[row], column] if column < pools else t.hold[row]
    return float(cost - t.nodes[row].value - t.columns[column])


@compiled_leaf
def _link(t: Tableau, node: int, parent: int, flow: int) -> None:
    after = t.nodes[parent].child
    t.nodes[node].parent, t.nodes[node].flow = parent, flow
    t.nodes[node].next, t.nodes[node].prev = after, NOBODY
    if after >= 0:
        t.nodes[after].prev = node
    t.nodes[parent].child = node


@compiled_leaf
def _unlink(t: Tableau, node: int) -> None:
    before, after = t.nodes[node].prev, t.nodes[node].next
    if before >= 0:
        t.nodes[before].next = after
    else:
        t.nodes[t.nodes[node].parent].child = after
    if after >= 0:
        t.nodes[after].prev = before


@compiled_leaf
def pivot(t: Tableau, row: int, column: int, stack: Array) -> None:
    """Bring the arc from a row to a column into the tree."""
    nodes, rows = t.nodes, len(t.kind) + 1
    saving, column = reduced(t, row, column), column + rows
    up, down, leaving, flow = row, column, NOBODY, np.iinfo(np.int64).max
    from_row = True
    while up != down:
        if nodes[up].depth >= nodes[down].depth:
            if up < rows and nodes[up].flow < flow:
                leaving, flow, from_row = up, nodes[up].flow, True
            up = nodes[up].parent
        else:
            if down >= rows and nodes[down].flow <= flow:
                leaving, flow, from_row = down, nodes[down].flow, False
            down = nodes[down].parent
    meeting, node = up, row
    while node != meeting:
        nodes[node].flow += -flow if node < rows else flow
        node = nodes[node].parent
    node = column
    while node != meeting:
        nodes[node].flow += -flow if node >= rows else flow
        node = nodes[node].parent
    top = row if from_row else column
    node, parent, own = top, column if from_row else row, flow
    while True:
        before, carried = nodes[node].parent, nodes[node].flow
        _unlink(t, node)
        _link(t, node, parent, own)
        if node == leaving:
            break
        parent, own, node = node, carried, before
    count, stack[0] = 1, top
    while count > 0:
        count -= 1
        node = stack[count]
        nodes[node].value += saving if (node < rows) == from_row else -saving
        nodes[node].depth = nodes[nodes[node].parent].depth + 1
        if node >= rows:
            t.columns[node - rows] = nodes[node].value
        node = nodes[node].child
        while node >= 0:
            stack[count] = node
            count += 1
            node = nodes[node].next


@compiled_leaf
def grow(t: Tableau, arcs: Array, first: Array, onward: Array, stack: Array) -> None:
    """Make the tree of its arcs. ``onward`` chains the arcs of each node, two entries for each."""
    rows = len(t.kind) + 1
    for node in range(len(t.nodes)):
        first[node] = t.nodes[node].child = NOBODY
    for end in range(2 * len(arcs)):
        node = arcs[end // 2, 0] if end % 2 == 0 else arcs[end // 2, 1] + rows
        onward[end] = first[node]
        first[node] = end
    root = len(t.nodes) - 1
    t.nodes[root].parent, t.nodes[root].depth, t.nodes[root].value = NOBODY, 0, 0.0
    count, stack[0] = 1, root
    while count > 0:
        count -= 1
        node = stack[count]
        if node >= rows:
            t.columns[node - rows] = t.nodes[node].value
        end = first[node]
        while end >= 0:
            row, column = arcs[end // 2, 0], arcs[end // 2, 1]
            other = column + rows if node == row else row
            if other != t.nodes[node].parent:
                _link(t, other, node, arcs[end // 2, 2])
                t.nodes[other].depth = t.nodes[node].depth + 1
                if node == row:
                    t.columns[column] = 0.0
                else:
                    t.nodes[row].value = 0.0
                t.nodes[other].value = reduced(t, row, column)
                stack[count] = other
                count += 1
            end = onward[end]
