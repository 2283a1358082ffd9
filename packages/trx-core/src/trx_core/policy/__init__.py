"""Policies as values and arithmetic: retry, dead letters, breakers, estimates, lanes."""

from trx_core.policy.breaker import BreakerPolicy, CircuitBreaker
from trx_core.policy.deadletter import DeadReason, Verdict, judge
from trx_core.policy.estimates import Estimates, Expected
from trx_core.policy.lanes import LANES, Lane, LaneSharing, lane_of
from trx_core.policy.retry import RetryPolicy

__all__ = [
    "LANES",
    "BreakerPolicy",
    "CircuitBreaker",
    "DeadReason",
    "Estimates",
    "Expected",
    "Lane",
    "LaneSharing",
    "RetryPolicy",
    "Verdict",
    "judge",
    "lane_of",
]
