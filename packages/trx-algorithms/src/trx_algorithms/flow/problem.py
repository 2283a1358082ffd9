"""The transportation problem with hold arcs, and what solves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Problem"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """K classes of units, P pools, and the hold, which takes what goes nowhere.

    ``minimise  sum cost[k, p] · flow[k, p]  +  the held units' prices``, such that each unit of
    each class is at one pool or held, and no pool gets more than its capacity. Units of a class
    cost the same at each pool, but may cost different sums to hold: a class has rungs, and since
    its units are alike otherwise, those that are cheapest to hold are held first.

    Attributes:
        cost: [K, P] of a unit of each class at each pool, finite or, where it may not go, infinite.
        capacity: [P] units that each pool can take, not negative.
        start: [K + 1] where each class's rungs begin in ``price`` and ``amount``.
        price: [S] of holding one unit of each rung, finite, not falling within a class.
        amount: [S] units of each rung, from 1.

    Raises:
        ValueError: an array has another shape or holds something else.
    """

    cost: Floats
    capacity: Ints
    start: Ints
    price: Floats
    amount: Ints

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            array = np.require(getattr(self, name), kind, ["C", "W"])
            object.__setattr__(self, name, array)
        if self.cost.ndim != 2 or self.capacity.shape != self.cost.shape[1:]:
            raise ValueError("cost is [K, P] and capacity [P]")
        if self.start.shape != (len(self.cost) + 1,) or self.price.shape != self.amount.shape:
            raise ValueError("start is [K + 1], price and amount are [S]")
        if self.start[0] != 0 or self.start[-1] != len(self.price) or np.any(self.lengths < 0):
            raise ValueError("start rises from 0 to S")
        if np.any(self.capacity < 0) or np.any(self.amount < 1):
            raise ValueError("capacities are 0 or more, amounts 1 or more")
        if not np.isfinite(self.price).all():
            raise ValueError("prices are finite")
        if not self.cost.min(initial=0.0) > -np.inf:
            raise ValueError("costs are finite or infinitely large")
        if np.any(np.diff(self.price)[np.diff(self.rung_class) == 0] < 0):
            raise ValueError("prices do not fall within a class")

    @classmethod
    def of(
        cls, cost: ArrayLike, capacity: ArrayLike, hold: ArrayLike, supply: ArrayLike | None = None
    ) -> Problem:
        """A problem whose classes cost one price each to hold.

        Args:
            cost: [K, P].
            capacity: [P].
            hold: [K] price of holding a unit.
            supply: [K] units, 0 or more; by default one of each.
        """
        hold = np.asarray(hold, np.float64)
        units = np.ones(len(hold), np.int64) if supply is None else np.asarray(supply, np.int64)
        some = units > 0
        start = np.concatenate([[0], np.cumsum(some)])
        return cls(
            np.asarray(cost, np.float64),
            np.asarray(capacity, np.int64),
            start,
            hold[some],
            units[some],
        )

    @property
    def shape(self) -> tuple[int, int]:
        """``(K, P)``."""
        kinds, pools = self.cost.shape
        return kinds, pools

    @property
    def lengths(self) -> Ints:
        """[K] rungs of each class."""
        return np.diff(self.start)

    @cached_property
    def rung_class(self) -> Ints:
        """[S] the class of each rung."""
        return np.repeat(np.arange(len(self.cost)), self.lengths)

    @cached_property
    def below(self) -> Ints:
        """[S] units of the class on cheaper rungs."""
        total = np.concatenate([[0], np.cumsum(self.amount)])
        below: Ints = total[:-1] - total[self.start[self.rung_class]]
        return below

    @cached_property
    def supply(self) -> Ints:
        """[K] units of each class."""
        total = np.concatenate([[0], np.cumsum(self.amount)])
        supply: Ints = total[self.start[1:]] - total[self.start[:-1]]
        return supply

    def select(self, kinds: Ints, capacity: Ints) -> Problem:
        """The same problem for some of its classes, with other capacities."""
        lengths = self.lengths[kinds]
        start = np.concatenate([[0], np.cumsum(lengths)])
        rungs = np.repeat(self.start[kinds] - start[:-1], lengths) + np.arange(start[-1])
        return Problem(self.cost[kinds], capacity, start, self.price[rungs], self.amount[rungs])


_KINDS = {
    "cost": np.float64,
    "capacity": np.int64,
    "start": np.int64,
    "price": np.float64,
    "amount": np.int64,
}
