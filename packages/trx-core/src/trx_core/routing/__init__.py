"""What an algorithm is asked, what it answers, and how it is judged."""

from trx_core.routing.baseline import first_come_first_served
from trx_core.routing.composed import (
    ByArrival,
    ByPriority,
    Composed,
    LeastCost,
    LeastLoaded,
    Ordering,
    Placement,
    Urgency,
)
from trx_core.routing.decision import (
    HOLD,
    LONGEST_REASON,
    ContractViolation,
    Decision,
    Ruling,
    own,
    validate,
)
from trx_core.routing.objective import Objective
from trx_core.routing.outcomes import Outcomes
from trx_core.routing.plain import Choice, Plain, PlainRule, Turn, in_turn, plain_rule
from trx_core.routing.problem import RoutingProblem
from trx_core.routing.scoring import (
    Best,
    PoolState,
    ScoreAlgorithm,
    place_in_turn,
    set_free,
    urgency_of,
)
from trx_core.routing.view import Breaker, Distance, PoolView

__all__ = [
    "HOLD",
    "LONGEST_REASON",
    "Best",
    "Breaker",
    "ByArrival",
    "ByPriority",
    "Choice",
    "Composed",
    "ContractViolation",
    "Decision",
    "Distance",
    "LeastCost",
    "LeastLoaded",
    "Objective",
    "Ordering",
    "Outcomes",
    "Placement",
    "Plain",
    "PlainRule",
    "PoolState",
    "PoolView",
    "RoutingProblem",
    "Ruling",
    "ScoreAlgorithm",
    "Turn",
    "Urgency",
    "first_come_first_served",
    "in_turn",
    "own",
    "place_in_turn",
    "plain_rule",
    "set_free",
    "urgency_of",
    "validate",
]
