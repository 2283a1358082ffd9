"""An algorithm's answer to a round, and the contract that it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from trx_core.errors import PluginError, describe
from trx_core.interrupts import is_the_users
from trx_core.routing.columns import Floats, frozen
from trx_core.routing.problem import RoutingProblem
from trx_core.routing.view import may_take

__all__ = ["HOLD", "LONGEST_REASON", "ContractViolation", "Decision", "Ruling", "own", "validate"]

HOLD: Final = -1
LONGEST_REASON: Final = 2_000
"""Characters of a reason that are kept."""

_PLAIN: Final = frozenset({int})
_SEQUENCES: Final = frozenset({list, tuple, range})


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Where each task of a round goes.

    Attributes:
        pool: [T] index of the pool per task, or ``HOLD``.
        order: the tasks' indices, most urgent first: who goes first when a pool turns out to have
            fewer slots than it seemed; by default the order of arrival.
        propensity: [T] probability with which a randomised policy chose what it chose, in (0, 1].
        reason: for people: why, in 2,000 characters at most; the lab shows it, and the service logs
            it now and then.
    """

    pool: Sequence[int] | NDArray[np.int64]
    order: Sequence[int] | NDArray[np.int64] | None = None
    propensity: Sequence[float] | NDArray[np.float64] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ruling(Decision):
    """A decision as an engine has taken it over: nothing that its algorithm has kept can change it.

    Attributes:
        pool: [T] plain integers, as of a :class:`Decision`.
        order: [T] plain integers.
        propensity: [T] a frozen array of its own.
        reason: a plain string of :data:`LONGEST_REASON` characters at most.
    """

    pool: tuple[int, ...]
    order: tuple[int, ...] | None = None
    propensity: Floats | None = None


class ContractViolation(PluginError):
    """An algorithm's decision breaks the contract; the round falls back to first-come-first-served.

    Codes: ``TRX-P101`` wrong shape or type, ``TRX-P102`` no such pool, ``TRX-P103`` not eligible,
    ``TRX-P104`` over-filled pool, ``TRX-P105`` order is no permutation, ``TRX-P106`` propensity out
    of range, ``TRX-P107`` a score that is no number.
    """


def own(decision: object, tasks: int) -> Ruling:
    """The engine's own copy of what an algorithm returned for so many tasks, each part of which is
    read this once. It runs the algorithm's code where the parts are objects of its own.

    Raises:
        ContractViolation: ``TRX-P101`` or ``TRX-P106``, a part has another shape or type.
    """
    if type(decision) is not Decision:
        raise ContractViolation(
            f"returned {type(decision).__name__}.", code="TRX-P101", hint="Return a Decision."
        )
    order, propensity, reason = decision.order, decision.propensity, decision.reason
    return Ruling(
        _integers(decision.pool, tasks, "pool"),
        None if order is None else _integers(order, tasks, "order"),
        None if propensity is None else _probabilities(propensity, tasks),
        None if reason is None else _text(reason),
    )


def validate(problem: RoutingProblem, decision: object) -> list[int]:
    """Check ``decision`` against ``problem``; the pool index per task as plain integers.

    O(T + P) in time and memory: it looks at what was placed, and at no matrix of the problem, which
    an algorithm may have left unmade, or made wrong.

    Raises:
        ContractViolation: naming the first rule that is broken.
    """
    ruling = decision if type(decision) is Ruling else own(decision, len(problem.tasks))
    pool = list(ruling.pool)
    _check_placements(problem, pool)
    if ruling.order is not None and sorted(ruling.order) != list(range(len(pool))):
        raise ContractViolation(
            "its order does not name every task once.",
            code="TRX-P105",
            hint="Return a permutation of range(T), or None.",
        )
    return pool


def _integers(column: object, length: int, name: str) -> tuple[int, ...]:
    if type(column) in _SEQUENCES:
        plain = tuple(cast(Sequence[int], column))
        if len(plain) == length and set(map(type, plain)) <= _PLAIN:
            return plain
    array = _array(column, name)
    if array.shape != (length,) or (length and array.dtype.kind not in "iu"):
        raise ContractViolation(
            f"its {name} column has shape {array.shape} and type {array.dtype}.",
            code="TRX-P101",
            hint=f"Return {length} integers.",
        )
    return tuple(array.tolist())


def _probabilities(column: object, length: int) -> Floats:
    array = _array(column, "propensity")
    numbers = array.shape == (length,) and array.dtype.kind in "iuf"
    odds = frozen(np.array(array, dtype=np.float64)) if numbers else None
    if odds is None or not np.all((odds > 0) & (odds <= 1)):
        raise ContractViolation(
            "its propensities are not one probability in (0, 1] per task.",
            code="TRX-P106",
            hint="Return the probability of the choice made, or None.",
        )
    return odds


def _text(reason: object) -> str:
    if not issubclass(type(reason), str):
        raise ContractViolation(
            f"its reason is of type {type(reason).__name__}.",
            code="TRX-P101",
            hint="Return a str, or None.",
        )
    plain = str.__getitem__(cast(str, reason), slice(LONGEST_REASON))
    return plain if plain.isascii() else plain.encode(errors="replace").decode()


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
