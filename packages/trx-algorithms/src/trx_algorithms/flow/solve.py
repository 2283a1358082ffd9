"""Solve a problem, by whichever backend."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trx_algorithms.flow.backends import BACKENDS, choose
from trx_algorithms.flow.problem import Problem
from trx_algorithms.flow.solution import Solution

__all__ = ["check_backend", "prepare", "solve"]


def solve(problem: Problem, backend: str = "auto", prices: ArrayLike | None = None) -> Solution:
    """The optimum of a problem, with prices that certify it.

    Args:
        problem: K classes, P pools.
        backend: ``ssp`` (shortest paths, compiled), ``simplex`` (network simplex, compiled),
            ``numpy`` (shortest paths), ``assignment`` (scipy's), ``ortools``, or ``auto``, which
            takes what is installed and fits the problem's shape. All are exact: to the last digit
            where costs are whole numbers below 2**53 and prices, if given, whole numbers too, else
            to rounding, about 1e-15 of the largest cost for each unit. ``ortools`` rounds fractions
            to 1 / 2**59 of the largest cost times the number of classes and pools.
        prices: [P] to start from, such as the last solution's; where they are nearly right they
            make the ``ssp``, ``simplex`` and ``numpy`` backends faster. Negative ones count as 0.

    Raises:
        ValueError: there is no such backend, or what it needs is not installed.
    """
    check_backend(backend)
    kinds, pools = problem.shape
    if kinds == 0 or pools == 0:
        nothing = np.empty(0, np.int64)
        return Solution(
            problem, nothing, nothing, nothing, problem.supply, np.zeros(pools), "trivial"
        )
    opening = None
    if prices is not None:
        opening = np.maximum(np.nan_to_num(np.asarray(prices, np.float64)), 0.0)
    return BACKENDS[choose(problem) if backend == "auto" else backend].solve(problem, opening)


def check_backend(backend: str) -> None:
    """Whether there is such a backend.

    Raises:
        ValueError: there is not, or what it needs is not installed.
    """
    if backend == "auto":
        return
    if backend not in BACKENDS:
        raise ValueError(f"the backend is 'auto' or one of {', '.join(BACKENDS)}")
    chosen = BACKENDS[backend]
    if chosen.needs is not None and not chosen.available:
        raise ValueError(
            f"the backend {backend!r} needs {chosen.needs[0]}: pip install {chosen.needs[1]}"
        )


def prepare(backend: str = "auto") -> None:
    """Import and compile what a backend needs, so that the first problem does not wait for it."""
    for units in (1, 10):
        solve(Problem.of([[1.0, 2.0]] * 2, [1, 1], [3.0, 3.0], [units, units]), backend)
