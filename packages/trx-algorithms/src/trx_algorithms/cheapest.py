"""The frame of policies that put a price on every placement."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.seats import Seats
from trx_algorithms.spreading import Spread
from trx_core.routing import RoutingProblem

__all__ = ["Cheapest"]


class Cheapest(Spread):
    """Tasks in order, each to the pool of least price of those that may take it and have room."""

    def begin(self, problem: RoutingProblem, seats: Seats) -> None:
        """Work out the prices."""
        self._price: list[list[float]] = self.price(problem, seats).tolist()

    @abstractmethod
    def price(self, problem: RoutingProblem, seats: Seats) -> NDArray[np.float64]:
        """[T, P] prices, finite; those of pools that may not take a task are not looked at."""

    def choose(self, row: int, pools: Sequence[int]) -> int:
        """The cheapest; of equals the one listed first."""
        return min(pools, key=self._price[row].__getitem__)
