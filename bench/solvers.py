"""The solvers of min-cost-flow beside OR-tools, in one run: trust the ratios, not the milliseconds.

T unit tasks on P pools with 0.8 T slots in all, and a price of holding for each task; costs are
whole numbers. Both get the costs in the type that they compute with, and build their own model.
Every optimum is compared. "next round" is the same instance with 5 % of the tasks replaced, solved
from the last one's prices and from none. "numpy" is what runs without ``trx-algorithms[fast]``, on
the smaller instances. A number as argument sets the repeats.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow
from rich.console import Console
from rich.table import Table

from trx_algorithms.flow import Problem, Solution, certify, prepare, solve

Array = NDArray[Any]

SEED: Final = 0
REPLACED: Final = 0.05


class Instance(NamedTuple):
    """K classes on P pools, in whole numbers, and in floats as a round has them."""

    cost: Array
    capacity: Array
    hold: Array
    supply: Array
    cost_float: Array
    hold_float: Array

    @classmethod
    def of(cls, cost: Array, capacity: Array, hold: Array, supply: Array) -> Instance:
        """From whole numbers."""
        return cls(cost, capacity, hold, supply, cost.astype(float), hold.astype(float))

    @property
    def problem(self) -> Problem:
        """As our solvers take it."""
        return Problem.of(self.cost_float, self.capacity, self.hold_float, self.supply)


class Case(NamedTuple):
    """A size, what is to be reached (OR-tools' time over ours), and whether numpy is measured."""

    name: str
    make: Callable[[], Instance]
    aim: float
    repeats: int
    plain: bool = True


def tasks(count: int, pools: int) -> Instance:
    """Unit tasks: size times price, a penalty for another region, noise; holding by priority."""
    rng = np.random.default_rng(SEED)
    capacity = rng.multinomial(int(0.8 * count), rng.dirichlet(np.full(pools, 3.0)))
    hold = 60 * rng.integers(1, 11, count) + 100
    size = np.maximum(1, rng.lognormal(1.0, 0.8, count))
    price = rng.uniform(1, 6, pools)
    region, pool_region = rng.integers(0, 5, count), rng.integers(0, 5, pools)
    cost = 10 * np.outer(size, price) + 40 * (region[:, None] != pool_region)
    cost = np.rint(cost + rng.integers(0, 20, (count, pools))).astype(np.int64)
    return Instance.of(cost, capacity, hold, np.ones(count, np.int64))


def classes(kinds: int, pools: int, count: int) -> Instance:
    """The same, but ``count`` tasks that fall into few classes."""
    one_each = tasks(kinds, pools)
    rng = np.random.default_rng(SEED + 1)
    supply = rng.multinomial(count, rng.dirichlet(np.ones(kinds)))
    capacity = rng.multinomial(int(0.8 * count), rng.dirichlet(np.full(pools, 3.0)))
    return one_each._replace(supply=supply, capacity=capacity)


def next_round(instance: Instance) -> Instance:
    """The same pools, with some of the tasks replaced by others like them."""
    rng = np.random.default_rng(SEED + 2)
    count = len(instance.hold)
    gone = rng.choice(count, max(1, int(REPLACED * count)), replace=False)
    like = rng.choice(count, len(gone))
    cost, hold = instance.cost.copy(), instance.hold.copy()
    noise = rng.integers(-10, 11, (len(gone), cost.shape[1]))
    cost[gone] = np.maximum(1, instance.cost[like] + noise)
    hold[gone] = instance.hold[like]
    return Instance.of(cost, instance.capacity, hold, instance.supply)


def by_ortools(instance: Instance) -> int:
    """The optimal cost, by ``SimpleMinCostFlow``."""
    kinds, pools = instance.cost.shape
    nodes, total = kinds + pools, int(instance.supply.sum())
    number = np.arange(nodes + 1, dtype=np.int32)
    end = np.int32(nodes + 1)
    tail = np.concatenate([np.repeat(number[:kinds], pools), number[:kinds], number[kinds:]])
    head = np.concatenate(
        [np.tile(number[kinds:nodes], kinds), np.full(kinds, nodes), np.full(pools + 1, end)]
    )
    supply = instance.supply
    room = np.concatenate([np.repeat(supply, pools), supply, instance.capacity, [total]])
    cost = np.concatenate([instance.cost.ravel(), instance.hold, np.zeros(pools + 1, np.int64)])
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head.astype(np.int32), room, cost)
    solver.set_nodes_supplies(np.append(number[:kinds], end), np.append(supply, -total))
    if solver.solve() != solver.OPTIMAL:
        raise RuntimeError("OR-tools found no optimum")
    return int(solver.optimal_cost())


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and the result."""
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def beside_ortools(case: Case, repeats: int, instance: Instance) -> tuple[float, float, Solution]:
    """Median seconds of OR-tools and of ours, and the solution."""
    theirs, ours = [], []
    for _ in range(repeats):
        seconds, optimum = timed(lambda: by_ortools(instance))
        theirs.append(seconds)
        seconds, solution = timed(lambda: solve(instance.problem))
        ours.append(seconds)
    if certify(solution) != 0 or solution.cost != optimum:
        raise RuntimeError(f"{case.name}: {solution.cost} is not the optimum, {optimum}")
    return statistics.median(theirs), statistics.median(ours), solution


def following(last: Solution, instance: Instance, repeats: int) -> tuple[float, float]:
    """Median seconds of the next round from no prices and from the last ones."""
    cold, warm = [], []
    for _ in range(max(repeats, 5)):
        seconds, without = timed(lambda: solve(instance.problem))
        cold.append(seconds)
        seconds, started = timed(lambda: solve(instance.problem, prices=last.prices))
        warm.append(seconds)
        if without.cost != started.cost:
            raise RuntimeError("prices to start from have changed the optimum")
    return statistics.median(cold), statistics.median(warm)


def without_numba(case: Case, instance: Instance, solution: Solution) -> str:
    """Milliseconds of the numpy backend from nothing and from the last prices, once each."""
    if not case.plain:
        return "-"
    cold, found = timed(lambda: solve(instance.problem, "numpy"))
    warm, again = timed(lambda: solve(instance.problem, "numpy", solution.prices))
    if not found.cost == again.cost == solution.cost:
        raise RuntimeError(f"{case.name}: numpy found another optimum")
    return f"{1e3 * cold:,.0f} / {1e3 * warm:,.0f}"


CASES: Final = (
    Case("1,000 x 20", lambda: tasks(1_000, 20), 3, 15),
    Case("10,000 x 50", lambda: tasks(10_000, 50), 3, 7),
    Case("10,000 x 200", lambda: tasks(10_000, 200), 3, 5, plain=False),
    Case("100,000 x 100", lambda: tasks(100_000, 100), 5, 3, plain=False),
    Case("200 classes x 100 (100,000 tasks)", lambda: classes(200, 100, 100_000), 10, 15),
)


def main(repeats: int | None) -> None:
    """Measure every case and print the table."""
    compiled, _ = timed(prepare)
    table = Table(title=f"medians; compiled or read from the cache beforehand in {compiled:.1f} s")
    for column in ("instance", "OR-tools ms", "ours ms", "times faster", "aim"):
        table.add_column(column, justify="right")
    for column in ("next round: cold ms", "warm ms", "warm / cold", "aim"):
        table.add_column(column, justify="right")
    table.add_column("numpy: cold / warm ms", justify="right")
    for case in CASES:
        times, instance = repeats or case.repeats, case.make()
        theirs, ours, solution = beside_ortools(case, times, instance)
        cold, warm = following(solution, next_round(instance), times)
        table.add_row(
            case.name,
            *(f"{1e3 * theirs:,.1f}", f"{1e3 * ours:,.2f}", f"{theirs / ours:.1f}", f"{case.aim}"),
            *(f"{1e3 * cold:,.2f}", f"{1e3 * warm:,.2f}", f"{warm / cold:.2f}", "0.25"),
            without_numba(case, instance, solution),
        )
    Console(width=160).print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
