"""What a routing algorithm must keep to, as checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from trx_core.capabilities import AlgorithmCapabilities
from trx_core.protocols import Algorithm
from trx_core.testing.algorithms import answers, chance, conduct, fairness, learning
from trx_core.testing.algorithms.subject import AlgorithmSubject
from trx_core.testing.checks import Check, CheckResult, run_checks

__all__ = ["ALGORITHM_CHECKS", "AlgorithmSubject", "check_algorithm"]

ALGORITHM_CHECKS: Final[Sequence[Check[AlgorithmSubject]]] = (
    Check("algorithm.decision", "answers with a well-formed Decision", answers.well_formed),
    Check("algorithm.order", "orders every task once", answers.ordered),
    Check("algorithm.eligibility", "places tasks where they may run", answers.eligible),
    Check("algorithm.limits", "keeps to free slots", answers.within_limits),
    Check("algorithm.empty", "answers empty and barren rounds", answers.bears_emptiness),
    Check("algorithm.multi_slot", "places tasks of several slots", answers.places_wide_tasks),
    Check("algorithm.endurance", "answers round after round", answers.goes_on),
    Check("algorithm.purity", "does not change the problem", conduct.leaves_alone),
    Check("algorithm.clock", "reads no clock", conduct.reads_no_clock),
    Check("algorithm.luck", "draws from seeded generators alone", conduct.draws_no_hidden_luck),
    Check("algorithm.doors", "does no input or output", conduct.opens_no_door),
    Check("algorithm.determinism", "decides the same problem alike", chance.repeats_itself),
    Check("algorithm.hashing", "does not depend on the hash seed", chance.ignores_hashes),
    Check("algorithm.memory", "remembers nothing it did not declare", chance.forgets),
    Check("algorithm.isolation", "knows nothing of others of its kind", chance.knows_no_others),
    Check("algorithm.outcomes", "learns from outcomes as it declares", learning.learns),
    Check("algorithm.propensity", "tells the probability of its choices", chance.tells_odds),
    Check("algorithm.hold", "holds nothing forever", fairness.lets_nobody_starve),
    Check(
        "algorithm.pool_order", "does not depend on how pools are listed", fairness.ignores_seats
    ),
    Check("algorithm.pace", "decides a large round in good time", fairness.keeps_pace),
)


def check_algorithm(
    make: Callable[[], Algorithm], capabilities: AlgorithmCapabilities | None = None
) -> list[CheckResult]:
    """Check an algorithm against its contract.

    Args:
        make: makes a fresh one at each call, always set up in the same way.
        capabilities: what it declares of itself; by default the defaults.
    """
    return run_checks(
        ALGORITHM_CHECKS, AlgorithmSubject(make, capabilities or AlgorithmCapabilities())
    )
