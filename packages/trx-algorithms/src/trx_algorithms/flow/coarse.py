"""Prices to start from: those of a sample of the classes, of a sample of the sample, and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from trx_algorithms.flow.problem import Floats, Ints, Problem

__all__ = ["astray", "opening_prices"]

RATIO: Final = 4
"""A sample is this many times smaller than what it is taken from."""

LEAST: Final = 8
"""Classes for each pool that the smallest sample has at least."""

ASTRAY: Final = 0.25
"""Share of the supply at the wrong pools beyond which prices are not worth starting from."""


def opening_prices(problem: Problem, solve: Callable[[Problem, Floats], Floats]) -> Floats:
    """[P] prices that are nearly right, or 0 where the problem is too small for samples.

    Capacities shrink as the supply does, so that prices stay about the same: from sample to sample
    few units are at the wrong pool. Samples are drawn alike every time.

    Args:
        problem: K classes, P pools.
        solve: finds a problem's prices, given some to start from.
    """
    kinds, pools = problem.shape
    sizes = []
    size = kinds // RATIO
    while size >= LEAST * pools:
        sizes.append(size)
        size //= RATIO
    prices = np.zeros(pools)
    if sizes:
        shuffled = np.random.default_rng(0).permutation(kinds)
        for size in reversed(sizes):
            some = np.sort(shuffled[:size])
            share = problem.supply[some].sum() / problem.supply.sum()
            prices = solve(problem.select(some, _shrunk(problem.capacity, share)), prices)
    return prices


def astray(problem: Problem, demand: Ints, prices: Floats) -> bool:
    """Whether prices send so much to the wrong pools that samples would do better.

    Args:
        problem: K classes, P pools.
        demand: [P] units that the prices send to each pool.
        prices: [P] of the pools.
    """
    kinds, pools = problem.shape
    if kinds // RATIO < LEAST * pools:
        return False
    over = demand - problem.capacity
    wrong = max(np.maximum(over, 0).sum(), np.maximum(-over, 0)[prices > 0].sum())
    return bool(wrong > ASTRAY * problem.supply.sum())


def _shrunk(capacity: Ints, share: float) -> Ints:
    """Capacities times a share, as whole numbers of the right sum (largest remainders)."""
    exact = capacity * share
    whole: Ints = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole
