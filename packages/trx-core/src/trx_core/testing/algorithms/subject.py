"""An algorithm under test, and its answers as plain columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_core.capabilities import AlgorithmCapabilities
from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import Algorithm, Clairvoyant
from trx_core.randomness import KeyedRandom
from trx_core.routing import HOLD, ContractViolation, Decision, RoutingProblem, validate
from trx_core.testing.checks import CheckFailure, NotApplicable, Subject
from trx_core.testing.rounds import RoundShape, rounds

__all__ = [
    "AlgorithmSubject",
    "Answer",
    "answer",
    "answers",
    "breach",
    "misshapen",
    "placements",
    "violation",
]

SHAPE: Final = frozenset({"TRX-P101", "TRX-P102"})


@dataclass(frozen=True)
class AlgorithmSubject(Subject[Algorithm, AlgorithmCapabilities]):
    """An algorithm; one that asks for foresight is given some, always the same."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "make", partial(_told, self.make))


def _told(make: Callable[[], Algorithm]) -> Algorithm:
    algorithm = make()
    if isinstance(algorithm, Clairvoyant):
        algorithm.foresee(_fate)
    return algorithm


def _fate(task: Task, pool: WorkerPool, now: float) -> Outcome:
    luck = KeyedRandom().at(task.id.int, task.attempt, pool.id.int)
    return Outcome(luck.expovariate(1.0), True, task.cost * pool.cost_per_unit)


class Answer(NamedTuple):
    """A decision as it can be compared and sent to another process."""

    pool: list[int]
    order: list[int] | None
    propensity: list[float] | None


def answer(problem: RoutingProblem, decision: Decision) -> Answer:
    """The columns of a decision.

    Raises:
        NotApplicable: it is so malformed that nothing can be said of it.
    """
    error = misshapen(problem, decision)
    if error is not None:
        raise NotApplicable(f"its decisions cannot be read: {error}")
    order, odds = decision.order, decision.propensity
    return Answer(
        np.asarray(decision.pool).tolist(),
        None if order is None else np.asarray(order).tolist(),
        None if odds is None else np.asarray(odds).tolist(),
    )


def answers(algorithm: Algorithm, shapes: Sequence[RoundShape]) -> dict[str, Answer]:
    """What one algorithm decides in rounds of these shapes, one after the other."""
    return {name: answer(problem, algorithm.route(problem)) for name, problem in rounds(shapes)}


def misshapen(problem: RoutingProblem, decision: object) -> ContractViolation | None:
    """What is wrong with the type, the length or the indices of a decision's placements, or with
    the type of its reason."""
    if isinstance(decision, Decision):
        decision = Decision(decision.pool, reason=decision.reason)
    error = violation(problem, decision)
    return error if error is not None and error.code in SHAPE else None


def violation(problem: RoutingProblem, decision: object) -> ContractViolation | None:
    """The first rule that a decision breaks, as the engine finds it."""
    try:
        validate(problem, decision)
    except ContractViolation as error:
        return error
    return None


def breach(name: str, what: object) -> CheckFailure:
    """A failure in the round of that name."""
    return CheckFailure(f"in the round {name!r}: {what}")


def placements(problem: RoutingProblem, decision: Decision) -> NDArray[np.int64]:
    """[n, 2] (task, pool) of what was placed on a pool that there is."""
    pool = np.asarray(decision.pool, dtype=np.int64)
    (rows,) = np.nonzero((pool != HOLD) & (pool >= 0) & (pool < len(problem.pools)))
    return np.column_stack((rows, pool[rows]))
