"""What this distribution offers, as lazy specs."""

from __future__ import annotations

from collections.abc import Sequence

from trx_algorithms.policies import POLICIES
from trx_core import hookimpl
from trx_core.capabilities import AlgorithmCapabilities
from trx_core.protocols import Order
from trx_core.specs import AlgorithmSpec


@hookimpl
def trx_register_algorithms() -> Sequence[AlgorithmSpec]:
    """The algorithms of this package."""
    return [
        AlgorithmSpec(
            name="fifo",
            target="trx_algorithms.fifo:Fifo",
            summary="First come, first served, to the pool with the most free slots.",
            order=Order.ARRIVAL,
        ),
        AlgorithmSpec(
            name="greedy",
            target="trx_algorithms.greedy:Greedy",
            summary="Most urgent first, each to the pool that costs the objective least.",
            order=Order.PRIORITY,
        ),
        AlgorithmSpec(
            name="min-cost-flow",
            target="trx_algorithms.min_cost_flow:MinCostFlow",
            summary="The least sum of placing and holding costs, exactly, with prices of slots.",
            order=Order.PRIORITY,
            capabilities=AlgorithmCapabilities(stateful=True),
        ),
        *POLICIES,
    ]
