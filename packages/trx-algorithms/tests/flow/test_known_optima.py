"""Instances with known optima: the assignment problems of the OR-Library (J. E. Beasley)."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from shared_data import shared

from trx_algorithms.flow import Problem, certify, solve


def instance(name: str) -> list[float]:
    packed = shared(f"orlib/{name}.txt.gz").read_bytes()
    return [float(word) for word in gzip.decompress(packed).split()]


@pytest.mark.parametrize("backend", ["numpy", "ssp", "simplex", "assignment", "ortools"])
@pytest.mark.parametrize(
    ("name", "optimum"),
    [("assign100", 305), ("assign200", 475), ("assign400", 804), ("assignp800", 2239)],
)
def test_finds_the_known_optimum(name: str, optimum: int, backend: str) -> None:
    size, *numbers = instance(name)
    n = int(size)
    if len(numbers) == n * n:
        cost = np.array(numbers).reshape(n, n)
    else:
        row, column, value = np.array(numbers).reshape(-1, 3).T
        cost = np.full((n, n), np.inf)
        cost[row.astype(int) - 1, column.astype(int) - 1] = value
    dear = 1000.0 * n
    solution = solve(Problem.of(cost, np.ones(n, int), np.full(n, dear)), backend)
    assert solution.held.sum() == 0
    assert solution.cost == optimum
    assert certify(solution) == 0
