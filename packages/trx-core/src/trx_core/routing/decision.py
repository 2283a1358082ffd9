"""An algorithm's answer to a round, and the contract that it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trx_core.errors import PluginError, describe
from trx_core.interrupts import is_the_users
from trx_core.routing.problem import RoutingProblem
from trx_core.routing.view import may_take

__all__ = ["HOLD", "ContractViolation", "Decision", "validate"]

HOLD: Final = -1
_PLAIN: Final = frozenset({int})


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Where each task of a round goes.

    Attributes:
        pool: [T] index of the pool per task, or ``HOLD``.
        order: the tasks' indices, most urgent first: who goes first when a pool turns out to have
            fewer slots than it seemed; by default the order of arrival.
        propensity: [T] probability with which a randomised policy chose what it chose, in (0, 1].
        reason: for people: why; the lab shows it, and the service logs it now and then.
    """

    pool: Sequence[int] | NDArray[np.int64]
    order: Sequence[int] | NDArray[np.int64] | None = None
    propensity: Sequence[float] | NDArray[np.float64] | None = None
    reason: str | None = None


class ContractViolation(PluginError):
    """An algorithm's decision breaks the contract; the round falls back to first-come-first-served.

    Codes: ``TRX-P101`` wrong shape or type, ``TRX-P102`` no such pool, ``TRX-P103`` not eligible,
    ``TRX-P104`` over-filled pool, ``TRX-P105`` order is no permutation, ``TRX-P106`` propensity out
    of range, ``TRX-P107`` a score that is no number.
    """


def validate(problem: RoutingProblem, decision: object) -> list[int]:
    """Check ``decision`` against ``problem``; the pool index per task as plain integers.

    O(T + P) in time and memory: it looks at what was placed, and at no matrix of the problem, which
    an algorithm may have left unmade, or made wrong.

    Raises:
        ContractViolation: naming the first rule that is broken.
    """
    if type(decision) is not Decision:
        raise ContractViolation(
            f"returned {type(decision).__name__}.", code="TRX-P101", hint="Return a Decision."
        )
    if not isinstance(decision.reason, str | None):
        raise ContractViolation(
            f"its reason is of type {type(decision.reason).__name__}.",
            code="TRX-P101",
            hint="Return a str, or None.",
        )
    pool = _integers(decision.pool, len(problem.tasks), "pool")
    _check_placements(problem, pool)
    if decision.order is not None:
        order = _integers(decision.order, len(problem.tasks), "order")
        if sorted(order) != list(range(len(order))):
            raise ContractViolation(
                "its order does not name every task once.",
                code="TRX-P105",
                hint="Return a permutation of range(T), or None.",
            )
    if decision.propensity is not None:
        _check_propensity(_array(decision.propensity, "propensity"), len(pool))
    return pool


def _integers(column: object, length: int, name: str) -> list[int]:
    if type(column) is list and len(column) == length and set(map(type, column)) <= _PLAIN:
        return column.copy()
    array = _array(column, name)
    if array.shape != (length,) or (length and array.dtype.kind not in "iu"):
        raise ContractViolation(
            f"its {name} column has shape {array.shape} and type {array.dtype}.",
            code="TRX-P101",
            hint=f"Return {length} integers.",
        )
    plain: list[int] = array.tolist()
    return plain


def _array(column: object, name: str) -> NDArray[Any]:
    try:
        return np.asarray(column)
    except BaseException as error:
        if is_the_users(error):
            raise
        raise ContractViolation(
            f"its {name} column is no array: {describe(error)}.",
            code="TRX-P101",
            hint="Return one number per task.",
        ) from error


def _check_placements(problem: RoutingProblem, placed: list[int]) -> None:
    filled = [0] * len(problem.pools)
    for task, index in zip(problem.tasks, placed, strict=True):
        if index == HOLD:
            continue
        if not 0 <= index < len(problem.pools):
            raise ContractViolation(
                f"put task {task.id} on pool number {index} of {len(problem.pools)}.",
                code="TRX-P102",
                hint="Return an index into problem.pools, or HOLD.",
            )
        filled[index] += task.slots
    for task, index in zip(problem.tasks, placed, strict=True):
        if index != HOLD and not may_take(problem.pools[index], task):
            name = problem.pools[index].pool.name
            raise ContractViolation(
                f"put task {task.id} on pool {name!r}, which may not take it.",
                code="TRX-P103",
                hint="Keep to problem.eligible.",
            )
    for view, slots in zip(problem.pools, filled, strict=True):
        if slots > view.free:
            raise ContractViolation(
                f"put {slots} slots' worth of tasks on pool {view.pool.name!r}, "
                f"which has {view.free} free.",
                code="TRX-P104",
                hint="Return HOLD for what does not fit.",
            )


def _check_propensity(column: NDArray[Any], length: int) -> None:
    numbers = column.shape == (length,) and column.dtype.kind in "iuf"
    if not numbers or not np.all((column > 0) & (column <= 1)):
        raise ContractViolation(
            "its propensities are not one probability in (0, 1] per task.",
            code="TRX-P106",
            hint="Return the probability of the choice made, or None.",
        )
