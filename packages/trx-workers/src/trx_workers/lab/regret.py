"""How far decisions are from the optimum of their rounds, exactly."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trx_core.errors import KernelError
from trx_core.report.samples import distribution
from trx_core.report.summary import Distribution
from trx_core.routing import (
    HOLD,
    ContractViolation,
    Decision,
    RoutingProblem,
    first_come_first_served,
    validate,
)
from trx_workers.extras import require

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

__all__ = ["Regret", "optimum", "value"]

Floats = NDArray[np.float64]


class Regret:
    """Judges every round by its objective; the regret of a round is the value of its decision less
    the least that any decision could have, in money, not negative.

    An optimum of one round after the other need not be an optimum of the run: nobody knows what is
    yet to arrive.

    Raises:
        OperatorError: ``TRX-O140``, scipy is not installed.
    """

    def __init__(self) -> None:
        require("scipy", "the regret of rounds", extra="regret")
        self.rounds = array("d")
        self.optima = array("d")

    def observe(self, problem: RoutingProblem, decision: object) -> None:
        """Judge one round; an answer that breaks the contract counts as what stands in for it."""
        try:
            pools = validate(problem, decision)
        except ContractViolation:
            decided: Decision = first_come_first_served(problem)
            pools = validate(problem, decided)
        least = optimum(problem)
        self.optima.append(least)
        self.rounds.append(max(0.0, value(problem, pools) - least))

    def per_round(self) -> Distribution:
        """Of the regret of a round, money."""
        return distribution(np.array(self.rounds))

    def share(self) -> float | None:
        """Regret of all rounds per sum of their optima; ``None`` if that is nothing."""
        whole = sum(self.optima)
        return sum(self.rounds) / whole if whole > 0 else None


def value(problem: RoutingProblem, pools: list[int]) -> float:
    """The objective's value of a decision: what its placements cost, and what it costs to hold the
    rest.

    Args:
        problem: T tasks.
        pools: [T] index of a pool, or ``HOLD``.
    """
    chosen = np.array(pools, dtype=np.int64)
    placed = np.flatnonzero(chosen != HOLD)
    held = problem.hold[chosen == HOLD].sum()
    return float(problem.cost[placed, chosen[placed]].sum() + held)


def optimum(problem: RoutingProblem) -> float:
    """The least value that any decision has.

    A 0/1 program: each task goes to at most one pool that may take it, and the slots of those that
    go to a pool fit it. Where all tasks take the same number of slots it is a transportation
    problem, whose linear relaxation has an optimum in integers. Solved by HiGHS (Q. Huangfu and
    J. Hall, "Parallelizing the dual revised simplex method", 2018) to a gap of 0.
    """
    gain = problem.hold[:, None] - problem.cost
    open_ = problem.eligible & (gain > 0) & (problem.slots[:, None] <= problem.free)
    whole = float(problem.hold.sum())
    rows = np.flatnonzero(open_.any(axis=1))
    if not rows.size:
        return whole
    wish = np.where(open_, gain, -np.inf)[rows].argmax(axis=1)
    filled = np.bincount(wish, problem.slots[rows], len(problem.pools))
    if np.all(filled <= problem.free):
        return whole - float(gain[rows, wish].sum())
    return whole - _most(gain, open_, problem.slots, problem.free)


def _most(
    gain: Floats, open_: NDArray[np.bool_], slots: NDArray[np.int64], free: NDArray[np.int64]
) -> float:
    """The most that placing tasks can gain over holding all of them."""
    from scipy.optimize import Bounds, milp

    tasks, pools = np.nonzero(open_)
    alike = np.unique(slots[tasks]).size == 1
    solved = milp(
        -gain[tasks, pools],
        integrality=np.full(tasks.size, 0 if alike else 1),
        bounds=Bounds(0, 1),
        constraints=_constraints(tasks, pools, slots, free, alike=alike),
        options={"mip_rel_gap": 0.0},
    )
    if solved.status != 0:
        raise KernelError(
            f"the optimum of a round was not found: {solved.message}",
            code="TRX-K130",
            hint="Run without regret, and report the round.",
        )
    return float(-solved.fun)


def _constraints(
    tasks: NDArray[np.intp],
    pools: NDArray[np.intp],
    slots: NDArray[np.int64],
    free: NDArray[np.int64],
    *,
    alike: bool,
) -> LinearConstraint:
    """One pool per task, and no more slots than are free; in units of slots where all are alike."""
    from scipy.optimize import LinearConstraint
    from scipy.sparse import csr_array

    unit = slots[tasks[0]] if alike else 1
    count = np.arange(tasks.size)
    taken = slots[tasks] // unit
    matrix = csr_array(
        (
            np.concatenate((np.ones(tasks.size), taken)),
            (np.concatenate((tasks, slots.size + pools)), np.concatenate((count, count))),
        ),
        shape=(slots.size + free.size, tasks.size),
    )
    return LinearConstraint(matrix, ub=np.concatenate((np.ones(slots.size), free // unit)))
