"""Instances with known optima: the assignment problems of the OR-Library (J. E. Beasley).

They are read from a folder that is no part of the repository: ``$TRX_SHARED_DATA``, or
``shared/data`` beside or above it.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from trx_algorithms.flow import Problem, certify, solve

HERE = Path(__file__).resolve()


def places() -> Iterator[Path]:
    """Where the instances may be."""
    if "TRX_SHARED_DATA" in os.environ:
        yield Path(os.environ["TRX_SHARED_DATA"], "orlib")
    else:
        yield from (folder / "shared" / "data" / "orlib" for folder in HERE.parents)


def instance(name: str) -> list[float]:
    looked = []
    for folder in places():
        path = folder / f"{name}.txt.gz"
        looked.append(str(path))
        if path.is_file():
            return [float(word) for word in gzip.decompress(path.read_bytes()).split()]
    pytest.skip(f"set TRX_SHARED_DATA: not found at {', '.join(looked)}")


@pytest.mark.parametrize("backend", ["ssp", "simplex", "assignment", "ortools"])
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
