"""What a policy could do that knew what is going to happen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trx_algorithms.cheapest import Cheapest
from trx_algorithms.seats import Seats
from trx_core.errors import PluginError
from trx_core.protocols import Foresight
from trx_core.routing import RoutingProblem

__all__ = ["Oracle"]


class Oracle(Cheapest):
    """Tasks in order of priority, each to the pool where the outcome will cost the objective least.

    As greedy, with what will happen in the place of what is expected: the price charged, the
    seconds that this very attempt takes there, and whether it fails. The lab tells, as its workers
    are simulators whose luck is keyed by task, attempt and pool
    (:class:`~trx_core.protocols.Clairvoyant`). Nobody can tell the service: it refuses the
    algorithm when it is chosen.

    O(T·P), a sample of the simulator for every pool with room. No randomness, no state.

    Use it in the lab as a yardstick: what a policy falls short of it is what better estimates could
    gain at most, for tasks taken in this order. Do not take it for an optimum: it takes the best
    pool for one task after the other, and never waits for a better one.
    """

    def __init__(self) -> None:
        self._foresight: Foresight | None = None

    def foresee(self, foresight: Foresight) -> None:
        """Ask ``foresight`` from now on."""
        self._foresight = foresight

    def price(self, problem: RoutingProblem, seats: Seats) -> NDArray[np.float64]:
        """The objective's cost of the outcomes to come.

        Raises:
            PluginError: ``TRX-P112``, nobody has told it what is going to happen.
        """
        if self._foresight is None:
            raise PluginError(
                "the oracle has not been told what is going to happen, which only a simulation "
                "can tell.",
                code="TRX-P112",
                hint="Run it in the lab, or choose another algorithm.",
            )
        weights = problem.objective
        price = weights.region * problem.region_distance[problem.region_code]
        pools = [view.pool for view in problem.pools]
        for row, task in enumerate(problem.tasks):
            for index in seats.open_to(row):
                outcome = self._foresight(task, pools[index], problem.now)
                price[row, index] += (
                    weights.money * outcome.cost
                    + weights.latency * outcome.latency
                    + weights.risk * (not outcome.success)
                )
        return np.asarray(price)
