"""Tasks that each algorithm routes in a second, on rounds of 1,000 tasks and 50 pools.

The problem's columns are built beforehand: what is measured is the decision. "mixed" tasks need up
to three slots and a resource type, half of them a region, and some breakers are open. The aims are
1,000,000 for fifo and 300,000 for greedy.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from trx_algorithms.plugin import trx_register_algorithms
from trx_core.protocols import Algorithm, Clairvoyant
from trx_core.routing import HOLD, RoutingProblem
from trx_core.testing import RoundShape, make_round

TASKS: Final = 1_000
SHAPES: Final = (
    RoundShape("plain", TASKS, 50, capacity=40, plain=True),
    RoundShape("mixed", TASKS, 50, capacity=40),
)
COLUMNS: Final = (
    *("priority", "size", "age", "attempt", "slots", "deadline", "expected_duration"),
    *("region_required", "type_code", "region_code"),
    *("pool_region", "cost_per_unit", "capacity", "free", "load"),
    *("breaker", "latency", "success", "eligible", "region_distance", "cost", "hold"),
)


def built(shape: RoundShape) -> RoutingProblem:
    """A round, every column of it computed."""
    problem = make_round(shape)
    for column in COLUMNS:
        getattr(problem, column)
    return problem


def rate(algorithm: Algorithm, problem: RoutingProblem, repeats: int) -> tuple[float, int]:
    """Median tasks a second, and how many tasks were placed."""
    decision = algorithm.route(problem)
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        decision = algorithm.route(problem)
        seconds.append(time.perf_counter() - started)
    placed = int(np.count_nonzero(np.asarray(decision.pool) != HOLD))
    return len(problem.tasks) / statistics.median(seconds), placed


def main(repeats: int) -> None:
    """Measure every algorithm that can be made without parameters."""
    table = Table(title=f"rounds of {TASKS:,} tasks and 50 pools; placed tasks in brackets")
    table.add_column("algorithm")
    for shape in SHAPES:
        table.add_column(f"{shape.name}: tasks/s", justify="right")
    problems = [built(shape) for shape in SHAPES]
    for spec in trx_register_algorithms():
        if isinstance(spec.build(), Clairvoyant):
            continue
        measured = [rate(spec.build(), problem, repeats) for problem in problems]
        table.add_row(spec.name, *(f"{speed:,.0f} ({placed})" for speed, placed in measured))
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
