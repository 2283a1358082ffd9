"""The solvers, each behind the same face: a problem and prices to start from, or none."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Final, NamedTuple

import numpy as np

from trx_algorithms.flow import jit, opening, pathwise, plain
from trx_algorithms.flow.coarse import astray, opening_prices
from trx_algorithms.flow.libraries import by_assignment, by_ortools
from trx_algorithms.flow.lots import NOBODY, Array
from trx_algorithms.flow.problem import Floats, Ints, Problem
from trx_algorithms.flow.simplex import pivot_to_optimum
from trx_algorithms.flow.solution import Solution

__all__ = ["BACKENDS", "Backend", "choose"]

FEW: Final = 8
"""Rungs for each pool up to which the simplex method's tree stays small."""

MANY: Final = 4
"""Units of each rung, on the average, from which it needs far fewer steps than shortest paths."""

SMALL: Final = 4_000_000
"""Entries of an assignment's matrix up to which it is solved as such."""

SINGLE: Final = 2
"""Units that a pool takes, on the average, up to which pools are told apart slot by slot."""


def by_paths(problem: Problem, prices: Floats | None) -> Solution:
    """Compiled successive shortest paths over places."""
    kinds, pools = problem.shape
    start, seats = prices, None
    if start is not None:
        seats = _seats(problem, start)
        if astray(problem, _demand(seats.pool, seats.placed, pools), start):
            start = None
    if start is None or seats is None:
        start = opening_prices(problem, lambda sample, p: _paths(sample, p, _seats(sample, p))[1])
        seats = _seats(problem, start)
    lots, final = _paths(problem, start, seats)
    held, some = lots["place"] == pools, lots["place"] != NOBODY
    placed = some & ~held
    return Solution(
        problem,
        lots["kind"][placed],
        lots["place"][placed],
        lots["units"][placed],
        _demand(lots["kind"][held], lots["units"][held], kinds),
        final,
        "ssp",
    )


def by_simplex(problem: Problem, prices: Floats | None) -> Solution:
    """The compiled network simplex method; shortest paths in the event that it goes in circles."""
    p, (kinds, pools) = problem, problem.shape
    opening = np.zeros(pools) if prices is None else prices
    found, nodes, columns = pivot_to_optimum(
        p.cost, p.rung_class, p.price, p.amount, p.capacity, opening
    )
    if not found:
        return by_paths(problem, prices)
    rows = len(p.price) + 1
    child, parent = np.arange(len(nodes) - 1), nodes["parent"][:-1]
    row, column = np.minimum(child, parent), np.maximum(child, parent) - rows
    some = (nodes["flow"][:-1] > 0) & (row < rows - 1)
    kind, place = p.rung_class[row[some]], column[some]
    cells, cell = np.unique(kind * (pools + 1) + place, return_inverse=True)
    amount = _demand(cell, nodes["flow"][:-1][some], len(cells))
    kind, place = np.divmod(cells, pools + 1)
    placed, held = place < pools, place == pools
    return Solution(
        problem,
        kind[placed],
        place[placed],
        amount[placed],
        _demand(kind[held], amount[held], kinds),
        _relative(-columns),
        "simplex",
    )


def by_numpy(problem: Problem, prices: Floats | None) -> Solution:
    """Successive shortest paths over places in numpy."""
    start, seats = prices, None
    if start is not None:
        seats = plain.seat(problem, start)
        if astray(problem, seats.units[:, :-1].sum(axis=0), start):
            start = None
    if start is None or seats is None:
        start = opening_prices(problem, lambda s, p: _plain(s, p, plain.seat(s, p))[1])
        seats = plain.seat(problem, start)
    places, final = _plain(problem, start, seats)
    kind, pool = np.nonzero(places.units[:, :-1])
    amount, held = places.units[kind, pool], places.units[:, -1].copy()
    return Solution(problem, kind, pool, amount, held, final, "numpy")


class Backend(NamedTuple):
    """A solver.

    Attributes:
        solve: what it does.
        needs: the module that must be installed, and how to get it.
    """

    solve: Callable[[Problem, Floats | None], Solution]
    needs: tuple[str, str] | None = None

    @property
    def available(self) -> bool:
        """Whether what it needs is installed."""
        return self.needs is None or find_spec(self.needs[0]) is not None


BACKENDS: Final = {
    "ssp": Backend(by_paths, ("numba", "trx-algorithms[fast]")),
    "simplex": Backend(by_simplex, ("numba", "trx-algorithms[fast]")),
    "numpy": Backend(by_numpy),
    "assignment": Backend(by_assignment, ("scipy", "scipy")),
    "ortools": Backend(by_ortools, ("ortools", "trx-algorithms[ortools]")),
}


def choose(problem: Problem) -> str:
    """The backend that ``auto`` stands for."""
    units, pools = int(problem.supply.sum()), len(problem.capacity)
    if jit.AVAILABLE:
        few = len(problem.price) <= FEW * pools and units >= MANY * len(problem.price)
        return "simplex" if few else "ssp"
    slots = int(np.minimum(problem.capacity, units).sum())
    single = slots <= SINGLE * pools
    return "assignment" if single and units * slots <= SMALL else "numpy"


def _seats(problem: Problem, prices: Floats) -> opening.Seats:
    p = problem
    return opening.seat(p.cost, p.capacity, p.start, p.price, p.amount, prices)


def _paths(problem: Problem, prices: Floats, seats: opening.Seats) -> tuple[Array, Floats]:
    p = problem
    lots, prices = pathwise.balance(p.cost, p.capacity, p.start, p.price, p.amount, prices, seats)
    return lots, _relative(prices)


def _plain(problem: Problem, prices: Floats, seats: plain.Seats) -> tuple[plain.Places, Floats]:
    places, prices = plain.balance(problem, prices, seats)
    return places, _relative(prices)


def _relative(prices: Floats) -> Floats:
    """[P] prices of the pools when the hold's is 0."""
    relative: Floats = np.maximum(prices[:-1] - prices[-1], 0.0)
    return relative


def _demand(index: Ints, units: Ints, length: int) -> Ints:
    return np.bincount(index, units, length).astype(np.int64)
