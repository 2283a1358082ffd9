"""Who is where: the state of the compiled solver.

A *place* is a pool or, last, the hold. A *lot* is what one class has at one place. Free slots are
idle units, a class of cost 0 everywhere, so that every place is exactly full at the optimum.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.flow.jit import compiled_leaf

__all__ = ["IDLE", "KIND", "LOT", "NOBODY", "PLACE", "Array", "Board", "add", "approach", "find"]
__all__ += ["gates", "remove"]

Array = NDArray[Any]

IDLE: Final = -2
NOBODY: Final = -1

KIND: Final = np.dtype(
    [("step", "i8"), ("used", "i8"), ("lots", "i8"), ("up", "f8"), ("down", "f8")]
)
"""A class: its rung, units held of it, its first lot, price of the next to be held, of the last."""

LOT: Final = np.dtype(
    [
        *(("kind", "i8"), ("place", "i8"), ("units", "i8"), ("near", "i8")),
        *(("sibling", "i8"), ("next", "i8"), ("prev", "i8"), ("margin", "f8")),
    ]
)
"""A lot.

``margin`` is what moving a unit of it cost at least when the board was made; ``sibling`` is the
next lot of its class, ``next`` and ``prev`` are its neighbours in one of its place's two lists.
"""

PLACE: Final = np.dtype([("near", "i8"), ("rest", "i8")])
"""A place: its first near lot, its first at rest."""


class Board(NamedTuple):
    """Who is where.

    Attributes:
        cost: [K, P] of a unit of each class at each pool.
        start: [K + 1] where each class begins in the ladder.
        price: [S] of holding a unit of each rung, rising within a class.
        amount: [S] units of each rung.
        kinds: [K] of ``KIND``.
        lots: of ``LOT``.
        spare: the first lot never used, the first to be used again.
        places: [P + 1] of ``PLACE``.
        least: [P + 1, P + 1] least cost of moving a unit from a place to another, or a bound on it.
        into: [P + 1, P + 1] the same, transposed.
        mover: [P + 1, P + 1] the class that moves at that cost; ``NOBODY``: it is a bound.
        bound: [P + 1, P + 1] least cost of moving a unit that is at rest.
        idle: [P + 1] idle units.
        excess: [P + 1] units too many.
        origin: [P + 1] prices of the places when the board was made.
        prices: [P + 1] prices of the places.
    """

    cost: Array
    start: Array
    price: Array
    amount: Array
    kinds: Array
    lots: Array
    spare: Array
    places: Array
    least: Array
    into: Array
    mover: Array
    bound: Array
    idle: Array
    excess: Array
    origin: Array
    prices: Array


@compiled_leaf
def gates(b: Board, kind: int) -> None:
    """Note what holding one unit more of a class costs, and what the last one held costs."""
    k = b.kinds[kind]
    rung = k.step
    k.up = b.price[rung] if rung < b.start[kind + 1] else np.inf
    if k.used > 0:
        k.down = b.price[rung]
    else:
        k.down = b.price[rung - 1] if rung > b.start[kind] else -np.inf


@compiled_leaf
def find(b: Board, kind: int, place: int) -> int:
    """The lot that a class has at a place, or ``NOBODY``."""
    lot = b.kinds[kind].lots
    while lot >= 0 and b.lots[lot].place != place:
        lot = b.lots[lot].sibling
    return int(lot)


@compiled_leaf
def _link(b: Board, lot: int, near: bool) -> None:
    place = b.places[b.lots[lot].place]
    after = place.near if near else place.rest
    b.lots[lot].near, b.lots[lot].next, b.lots[lot].prev = near, after, NOBODY
    if after >= 0:
        b.lots[after].prev = lot
    if near:
        place.near = lot
    else:
        place.rest = lot


@compiled_leaf
def _unlink(b: Board, lot: int) -> None:
    before, after = b.lots[lot].prev, b.lots[lot].next
    if before >= 0:
        b.lots[before].next = after
    elif b.lots[lot].near:
        b.places[b.lots[lot].place].near = after
    else:
        b.places[b.lots[lot].place].rest = after
    if after >= 0:
        b.lots[after].prev = before


@compiled_leaf
def approach(b: Board, lot: int) -> None:
    """Bring a lot near to moving."""
    _unlink(b, lot)
    _link(b, lot, True)


@compiled_leaf
def add(b: Board, kind: int, place: int, units: int, margin: float) -> int:
    """Give a class a lot at a place where it has none, at rest."""
    lot = b.spare[1]
    if lot >= 0:
        b.spare[1] = b.lots[lot].sibling
    else:
        lot = b.spare[0]
        b.spare[0] += 1
    b.lots[lot].kind, b.lots[lot].place, b.lots[lot].units = kind, place, units
    b.lots[lot].sibling = b.kinds[kind].lots
    b.lots[lot].margin = margin
    b.kinds[kind].lots = lot
    _link(b, lot, False)
    return int(lot)


@compiled_leaf
def remove(b: Board, lot: int) -> None:
    """Take a lot from the board."""
    kind = b.lots[lot].kind
    _unlink(b, lot)
    if b.kinds[kind].lots == lot:
        b.kinds[kind].lots = b.lots[lot].sibling
    else:
        other = b.kinds[kind].lots
        while b.lots[other].sibling != lot:
            other = b.lots[other].sibling
        b.lots[other].sibling = b.lots[lot].sibling
    b.lots[lot].place = NOBODY
    b.lots[lot].sibling = b.spare[1]
    b.spare[1] = lot
