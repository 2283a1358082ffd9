"""Lazy specs of the policies beside fifo, greedy and min-cost-flow."""

from __future__ import annotations

from typing import Final

from trx_core.capabilities import AlgorithmCapabilities
from trx_core.protocols import Order
from trx_core.specs import AlgorithmSpec

__all__ = ["POLICIES"]

STATEFUL: Final = AlgorithmCapabilities(stateful=True)
LEARNING: Final = AlgorithmCapabilities(stateful=True, outcomes=True)
DRAWS: Final = AlgorithmCapabilities(propensities=True)
ANY_ORDER: Final = AlgorithmCapabilities(ignores_pool_order=True)

SPREADING: Final = (
    AlgorithmSpec(
        name="random",
        target="trx_algorithms.chance:RandomChoice",
        summary="Any pool that has room, by chance.",
        capabilities=DRAWS,
    ),
    AlgorithmSpec(
        name="power-of-two-choices",
        target="trx_algorithms.chance:PowerOfChoices",
        summary="The least loaded of two pools, or more, drawn by chance.",
        capabilities=DRAWS,
    ),
    AlgorithmSpec(
        name="round-robin",
        target="trx_algorithms.round_robin:RoundRobin",
        summary="Pools in turn.",
        capabilities=STATEFUL,
    ),
    AlgorithmSpec(
        name="weighted-round-robin",
        target="trx_algorithms.round_robin:WeightedRoundRobin",
        summary="Pools in turn, in proportion to their weights, evenly mixed.",
        capabilities=STATEFUL,
    ),
    AlgorithmSpec(
        name="join-shortest-queue",
        target="trx_algorithms.least_loaded:JoinShortestQueue",
        summary="The pool with the fewest slots occupied.",
    ),
    AlgorithmSpec(
        name="shortest-expected-delay",
        target="trx_algorithms.least_loaded:ShortestExpectedDelay",
        summary="The pool where work is expected to take least per slot.",
    ),
    AlgorithmSpec(
        name="peak-ewma",
        target="trx_algorithms.peak_ewma:PeakEwma",
        summary="As shortest-expected-delay, by latencies that rise at once and fall slowly.",
        capabilities=LEARNING,
    ),
    AlgorithmSpec(
        name="sticky-hash",
        target="trx_algorithms.sticky_hash:StickyHash",
        summary="Tasks of one key to one pool as long as it has room.",
        capabilities=ANY_ORDER,
    ),
)

PRICING: Final = (
    AlgorithmSpec(
        name="weighted-score",
        target="trx_algorithms.weighted_score:WeightedScore",
        summary="The pool whose money, latency, distance, risk and load weigh least.",
    ),
    AlgorithmSpec(
        name="oracle",
        target="trx_algorithms.oracle:Oracle",
        summary="The pool that will turn out best; for simulations only.",
    ),
)

ORDERING: Final = (
    AlgorithmSpec(
        name="priority-aging",
        target="trx_algorithms.urgency:PriorityAging",
        summary="The highest priority first, where waiting raises it.",
    ),
    AlgorithmSpec(
        name="earliest-deadline-first",
        target="trx_algorithms.urgency:EarliestDeadlineFirst",
        summary="The earliest deadline first, to the cheapest pool that meets it.",
        order=Order.ARRIVAL,
    ),
    AlgorithmSpec(
        name="shortest-job-first",
        target="trx_algorithms.urgency:ShortestJobFirst",
        summary="The shortest expected service first.",
        order=Order.ARRIVAL,
    ),
    AlgorithmSpec(
        name="weighted-fair-queueing",
        target="trx_algorithms.fair_queueing:WeightedFairQueueing",
        summary="Tenants share the fleet by their weights.",
        order=Order.ARRIVAL,
        capabilities=STATEFUL,
    ),
)

PARALLEL_JOBS: Final = tuple(
    AlgorithmSpec(
        name=name,
        target=f"trx_algorithms.parallel_jobs:{name.capitalize()}",
        summary=f"{first} first, keeping slots for wide tasks; backfilling on request.",
        order=Order.ARRIVAL,
        capabilities=STATEFUL,
    )
    for name, first in (
        ("fcfs", "Who came first"),
        ("sjf", "The shortest"),
        ("wfp3", "Who has waited longest for its length, and is wide,"),
        ("unicep", "Who has waited longest for its length, and is narrow,"),
        ("f1", "Small, short and early tasks"),
    )
)

POLICIES: Final = (*SPREADING, *PRICING, *ORDERING, *PARALLEL_JOBS)
