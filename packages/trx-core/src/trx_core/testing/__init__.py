"""The conformance kit: does a plugin keep its contract? Works without pytest."""

from trx_core.testing.algorithms import ALGORITHM_CHECKS, check_algorithm
from trx_core.testing.report import Check, CheckFailure, CheckResult, run_checks
from trx_core.testing.rounds import EMPTY_ROUNDS, ROUNDS, RoundShape, make_round, rounds

__all__ = [
    "ALGORITHM_CHECKS",
    "EMPTY_ROUNDS",
    "ROUNDS",
    "Check",
    "CheckFailure",
    "CheckResult",
    "RoundShape",
    "check_algorithm",
    "make_round",
    "rounds",
    "run_checks",
]
