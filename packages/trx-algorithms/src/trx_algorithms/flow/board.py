"""Moves on the board.

For each two places the board keeps the cheapest mover: the class whose units cost least to move
from one to the other. Only lots *near* to moving compete; the others, at rest, have a common bound
on what moving them costs, and are looked at when the bound is reached.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from trx_algorithms.flow.jit import compiled, compiled_leaf
from trx_algorithms.flow.lots import (
    IDLE,
    NOBODY,
    Array,
    Board,
    add,
    approach,
    find,
    gates,
    remove,
)

__all__ = ["extend", "limit", "shift"]

NEAR: Final = 32
"""Lots that a place brings near to moving at first."""


@compiled_leaf
def _leaving(b: Board, kind: int, place: int) -> float:
    return float(b.kinds[kind].down if place == b.cost.shape[1] else b.cost[kind, place])


@compiled_leaf
def _arriving(b: Board, kind: int, place: int) -> float:
    return float(b.kinds[kind].up if place == b.cost.shape[1] else b.cost[kind, place])


@compiled_leaf
def _set(b: Board, place: int, to: int, least: float, mover: int) -> None:
    b.least[place, to] = least
    b.into[to, place] = least
    b.mover[place, to] = mover


@compiled_leaf
def _offer(b: Board, kind: int, place: int) -> None:
    """Let a near lot compete for the moves from its place."""
    pools = b.cost.shape[1]
    base = _leaving(b, kind, place)
    for to in range(pools):
        value = b.cost[kind, to] - base
        if value < b.least[place, to] and to != place:
            _set(b, place, to, value, kind)
    if place != pools:
        value = b.kinds[kind].up - base
        if value < b.least[place, pools]:
            _set(b, place, pools, value, kind)


@compiled_leaf
def _depart(b: Board, kind: int, place: int, targets: Array) -> None:
    """Let the near lots of a place compete for the moves in which a class was cheapest."""
    count = 0
    for to in range(len(b.prices)):
        if b.mover[place, to] == kind:
            _set(b, place, to, b.bound[place, to], NOBODY)
            targets[count] = to
            count += 1
    lot = b.places[place].near if count else NOBODY
    while lot >= 0:
        other = b.lots[lot].kind
        base = _leaving(b, other, place)
        for i in range(count):
            value = _arriving(b, other, targets[i]) - base
            if value < b.least[place, targets[i]]:
                _set(b, place, targets[i], value, other)
        lot = b.lots[lot].next


@compiled_leaf
def _climb(b: Board, kind: int, units: int, into: bool) -> None:
    """Move a class along its ladder: units into the hold or out of it."""
    k = b.kinds[kind]
    if into:
        k.used += units
        if k.used == b.amount[k.step]:
            k.used = 0
            k.step += 1
    else:
        if k.used == 0:
            k.step -= 1
            k.used = b.amount[k.step]
        k.used -= units
    gates(b, kind)


@compiled_leaf
def _reprice(b: Board, kind: int, targets: Array) -> None:
    """A class's prices of holding have changed: let its lots compete anew."""
    lot = b.kinds[kind].lots
    while lot >= 0:
        place = b.lots[lot].place
        if not b.lots[lot].near:
            approach(b, lot)
        _depart(b, kind, place, targets)
        _offer(b, kind, place)
        lot = b.lots[lot].sibling


@compiled_leaf
def limit(b: Board, kind: int, place: int, to: int, cost: float) -> int:
    """Units of a class that may move to another place at a cost each; 0 if that has changed."""
    if kind == IDLE:
        return int(b.idle[place])
    lot = find(b, kind, place)
    if lot < 0 or _arriving(b, kind, to) - _leaving(b, kind, place) != cost:
        return 0
    k, pools, units = b.kinds[kind], b.cost.shape[1], b.lots[lot].units
    if to == pools:
        units = min(units, b.amount[k.step] - k.used)
    elif place == pools:
        units = min(units, k.used if k.used > 0 else b.amount[k.step - 1])
    return int(units)


@compiled_leaf
def shift(b: Board, kind: int, place: int, to: int, units: int, targets: Array) -> None:
    """Move units of a class, within its limit, from a place to another."""
    if kind == IDLE:
        b.idle[place] -= units
        b.idle[to] += units
        return
    lot = find(b, kind, place)
    b.lots[lot].units -= units
    if b.lots[lot].units == 0:
        remove(b, lot)
        _depart(b, kind, place, targets)
    pools = b.cost.shape[1]
    up, down = b.kinds[kind].up, b.kinds[kind].down
    if pools in (place, to):
        _climb(b, kind, units, to == pools)
    lot = find(b, kind, to)
    if lot >= 0:
        b.lots[lot].units += units
    else:
        approach(b, add(b, kind, to, units, 0.0))
        _offer(b, kind, to)
    if up != b.kinds[kind].up or down != b.kinds[kind].down:
        _reprice(b, kind, targets)


@compiled
def extend(b: Board, place: int) -> None:
    """Bring near the lots at rest that had least to lose by moving when the board was made.

    As many again as are near already; what is left at rest has a dearer bound.
    """
    width, lot = 0, b.places[place].near
    while lot >= 0:
        width += 1
        lot = b.lots[lot].next
    width = max(width, NEAR)
    count, lot = 0, b.places[place].rest
    while lot >= 0:
        count += 1
        lot = b.lots[lot].next
    margins = np.empty(count)
    count, lot = 0, b.places[place].rest
    while lot >= 0:
        margins[count] = b.lots[lot].margin
        count += 1
        lot = b.lots[lot].next
    beyond = np.inf
    if width < count:
        limit = np.partition(margins, width)[width]
        for margin in margins:
            if limit < margin < beyond:
                beyond = margin
    _bring(b, place, beyond)


@compiled_leaf
def _bring(b: Board, place: int, beyond: float) -> None:
    for to in range(len(b.prices)):
        b.bound[place, to] = beyond + b.origin[place] - b.origin[to]
        if b.mover[place, to] == NOBODY:
            _set(b, place, to, b.bound[place, to], NOBODY)
    lot = b.places[place].rest
    while lot >= 0:
        after = b.lots[lot].next
        if b.lots[lot].margin < beyond:
            approach(b, lot)
        lot = after
    lot = b.places[place].near
    while lot >= 0:
        _offer(b, b.lots[lot].kind, place)
        lot = b.lots[lot].next
