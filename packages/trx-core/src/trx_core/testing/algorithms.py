"""What a routing algorithm must keep to, as checks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from trx_core.protocols import Algorithm
from trx_core.routing import ContractViolation, RoutingProblem, validate
from trx_core.testing.report import Check, CheckFailure, CheckResult, run_checks
from trx_core.testing.rounds import EMPTY_ROUNDS, rounds

__all__ = ["ALGORITHM_CHECKS", "check_algorithm"]

Make = Callable[[], Algorithm]

OVERSTEPPING: Final = frozenset({"TRX-P103", "TRX-P104"})
COLUMNS: Final = (
    *(
        "priority",
        "size",
        "age",
        "attempt",
        "slots",
        "deadline",
        "expected_duration",
        "type_code",
        "region_code",
    ),
    *("pool_region", "cost_per_unit", "capacity", "free", "load", "breaker"),
    *("latency", "success", "eligible", "region_distance", "cost", "hold"),
)
ATTRIBUTES: Final = ("tasks", "pools", "now", "number", "objective")


def check_algorithm(make: Make) -> list[CheckResult]:
    """Check an algorithm against its contract.

    Args:
        make: makes a fresh one at each call, always set up in the same way.
    """
    return run_checks(ALGORITHM_CHECKS, make)


def _decides(make: Make) -> None:
    """Every round is answered with a ``Decision``: an index of a pool or ``HOLD`` for each task, as
    integers, and, where given, an order that names every task once and one propensity in (0, 1]
    for each task.
    """
    algorithm = make()
    for name, problem in rounds():
        _judge(algorithm, name, problem, lambda code: code not in OVERSTEPPING)


def _keeps_within(make: Make) -> None:
    """A task is placed only where ``problem.eligible`` allows, and no pool is given more slots'
    worth of tasks than it has free. What fits nowhere is held.
    """
    algorithm = make()
    for name, problem in rounds():
        _judge(algorithm, name, problem, lambda code: code in OVERSTEPPING)


def _bears_emptiness(make: Make) -> None:
    """A round without tasks, without pools, or without either is answered like any other."""
    algorithm = make()
    for name, problem in rounds(EMPTY_ROUNDS):
        _judge(algorithm, name, problem, lambda code: True)


def _leaves_alone(make: Make) -> None:
    """A decision leaves the problem as it was: its columns, tasks, pools and weights are shared
    with whoever judges the decision.
    """
    algorithm = make()
    for name, problem in rounds():
        before = _snapshot(problem)
        algorithm.route(problem)
        for key, value in _snapshot(problem).items():
            if not _same(value, before[key]):
                raise CheckFailure(f"in the round {name!r} it changed problem.{key}")


def _repeats_itself(make: Make) -> None:
    """Two algorithms that are set up alike and see the same rounds decide alike. Chance comes from
    a seed that is a parameter; the clock is ``problem.now``.
    """
    first, second = make(), make()
    for (name, problem), (_, again) in zip(rounds(), rounds(), strict=True):
        one, two = first.route(problem), second.route(again)
        for column in ("pool", "order", "propensity"):
            if not _same(getattr(one, column), getattr(two, column)):
                raise CheckFailure(f"the round {name!r} was decided in two ways: {column} differs")


ALGORITHM_CHECKS: Final = (
    Check("algorithm.decision", "answers with a well-formed Decision", _decides),
    Check("algorithm.limits", "keeps to eligibility and free slots", _keeps_within),
    Check("algorithm.empty", "answers empty rounds", _bears_emptiness),
    Check("algorithm.purity", "does not change the problem", _leaves_alone),
    Check("algorithm.determinism", "decides the same problem alike", _repeats_itself),
)


def _judge(
    algorithm: Algorithm, name: str, problem: RoutingProblem, counts: Callable[[str], bool]
) -> None:
    decision = algorithm.route(problem)
    try:
        validate(problem, decision)
    except ContractViolation as error:
        if counts(error.code):
            raise CheckFailure(f"in the round {name!r}: {error}") from error


def _snapshot(problem: RoutingProblem) -> dict[str, Any]:
    kept: dict[str, Any] = {name: np.array(getattr(problem, name)) for name in COLUMNS}
    kept |= {name: copy.copy(getattr(problem, name)) for name in ATTRIBUTES}
    kept["distance"] = copy.deepcopy(problem.distance)
    kept["tasks.metadata"] = copy.deepcopy([dict(task.metadata) for task in problem.tasks])
    return kept


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return bool(np.array_equal(one, two, equal_nan=one.dtype.kind == "f"))
    return bool(one == two)
