"""What an algorithm is asked, what it answers, and how it is judged."""

from trx_core.routing.baseline import first_come_first_served
from trx_core.routing.decision import HOLD, ContractViolation, Decision, validate
from trx_core.routing.objective import Objective
from trx_core.routing.problem import Breaker, PoolView, RoutingProblem

__all__ = [
    "HOLD",
    "Breaker",
    "ContractViolation",
    "Decision",
    "Objective",
    "PoolView",
    "RoutingProblem",
    "first_come_first_served",
    "validate",
]
