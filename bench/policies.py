"""Tasks that each algorithm routes in a second, on rounds of 1,000 tasks and 50 pools.

Rounds are fresh, as engines hand them over: each column of the problem that the algorithm asks for
is worked out from the tasks and pools within the time that is measured. "columns ready" is the same
on a problem all of whose columns have been worked out before, so that the decision alone is
measured. Processor time is what counts. "mixed" tasks need up to three slots and a resource type,
half of them a region, and some breakers are open. The aims are 1,000,000 for fifo and 300,000 for
greedy, on fresh rounds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
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


def fresh(problem: RoutingProblem) -> RoutingProblem:
    """The same round, no column of it worked out."""
    return problem.of(problem.tasks)


def ready(problem: RoutingProblem) -> RoutingProblem:
    """The round, every column of it worked out."""
    for column in COLUMNS:
        getattr(problem, column)
    return problem


def rate(
    algorithm: Algorithm,
    problem: RoutingProblem,
    prepare: Callable[[RoutingProblem], RoutingProblem],
    repeats: int,
) -> tuple[float, int]:
    """Median tasks a second of processor time, and how many tasks were placed."""
    decision = algorithm.route(prepare(problem))
    seconds = []
    for _ in range(repeats):
        asked = prepare(problem)
        started = time.thread_time()
        decision = algorithm.route(asked)
        seconds.append(time.thread_time() - started)
    placed = int(np.count_nonzero(np.asarray(decision.pool) != HOLD))
    return len(problem.tasks) / statistics.median(seconds), placed


def main(repeats: int) -> None:
    """Measure every algorithm that can be made without parameters."""
    table = Table(title=f"rounds of {TASKS:,} tasks and 50 pools; placed tasks in brackets")
    table.add_column("algorithm")
    for shape in SHAPES:
        table.add_column(f"{shape.name}, fresh: tasks/s", justify="right")
        table.add_column("columns ready", justify="right")
    problems = [make_round(shape) for shape in SHAPES]
    for spec in trx_register_algorithms():
        if isinstance(spec.build(), Clairvoyant):
            continue
        cells = []
        for problem in problems:
            speed, placed = rate(spec.build(), problem, fresh, repeats)
            alone, _ = rate(spec.build(), problem, ready, repeats)
            cells += [f"{speed:,.0f} ({placed})", f"{alone:,.0f}"]
        table.add_row(spec.name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
