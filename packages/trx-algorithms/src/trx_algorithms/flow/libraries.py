"""Solvers of other libraries: scipy's for assignments, OR-tools' for flows."""

from __future__ import annotations

from typing import Final

import numpy as np

from trx_algorithms.flow.plain import Places, ways
from trx_algorithms.flow.problem import Floats, Ints, Problem
from trx_algorithms.flow.solution import Solution

__all__ = ["by_assignment", "by_ortools"]

BITS: Final = 60
"""OR-tools multiplies costs by the number of nodes; the product must stay below 2**63."""


def by_assignment(problem: Problem, prices: Floats | None) -> Solution:
    """Each unit to a slot by scipy's ``linear_sum_assignment``; exact, with a matrix of all slots.

    It takes no prices to start from.
    """
    from scipy.optimize import linear_sum_assignment

    kinds, pools = problem.shape
    kind = np.repeat(problem.rung_class, problem.amount)
    hold = np.repeat(problem.price, problem.amount)
    slot = np.repeat(np.arange(pools), np.minimum(problem.capacity, len(kind)))
    saved = np.minimum(problem.cost[kind] - hold[:, None], 0.0)[:, slot]
    row, column = linear_sum_assignment(saved)
    useful = saved[row, column] < 0
    units = np.zeros((kinds, pools), np.int64)
    np.add.at(units, (kind[row[useful]], slot[column[useful]]), 1)
    return _priced(problem, units, "assignment")


def by_ortools(problem: Problem, prices: Floats | None) -> Solution:
    """OR-tools' ``SimpleMinCostFlow`` (cost scaling) on costs as whole numbers.

    Exact where costs are whole numbers, else within half of the scale's unit for each unit; the
    solution's gap says how far it is from the bound. It takes no prices to start from.
    """
    from ortools.graph.python import min_cost_flow

    kinds, pools = problem.shape
    hold, sink = kinds + pools, kinds + pools + 1
    arc_kind, arc_pool = np.nonzero(np.isfinite(problem.cost))
    supply, total = problem.supply, int(problem.supply.sum())
    cost = np.concatenate([problem.cost[arc_kind, arc_pool], problem.price])
    whole = np.rint(cost * _scale(cost, sink + 1)).astype(np.int64)
    tail = np.concatenate([arc_kind, problem.rung_class, np.arange(kinds, sink)])
    head = np.concatenate(
        [kinds + arc_pool, np.full(len(problem.price), hold), np.full(pools + 1, sink)]
    )
    room = np.concatenate([supply[arc_kind], problem.amount, problem.capacity, [total]])
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        tail.astype(np.int32),
        head.astype(np.int32),
        room,
        np.concatenate([whole, np.zeros(pools + 1, np.int64)]),
    )
    nodes = np.append(np.arange(kinds), sink).astype(np.int32)
    solver.set_nodes_supplies(nodes, np.append(supply, -total))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"OR-tools' SimpleMinCostFlow ended with status {status}")
    units = np.zeros((kinds, pools), np.int64)
    units[arc_kind, arc_pool] = solver.flows(arcs[: len(arc_kind)])
    return _priced(problem, units, "ortools")


def _scale(cost: Floats, nodes: int) -> float:
    """A power of two, or 1 where costs are whole numbers, that turns costs into whole numbers."""
    if np.array_equal(cost, np.rint(cost)):
        return 1.0
    most = float(np.abs(cost).max(initial=1.0)) * nodes
    return float(2.0 ** (BITS - 1 - np.ceil(np.log2(most))))


def _priced(problem: Problem, units: Ints, backend: str) -> Solution:
    """A flow with its prices: what it costs to make room for one unit more at each pool.

    These are the distances to the hold over the cheapest movers.
    """
    kind, pool = np.nonzero(units)
    held = problem.supply - units.sum(axis=1)
    everything = np.asfortranarray(np.column_stack([units, held]))
    filled = units.sum(axis=0)
    idle = np.append(problem.capacity - filled, filled.sum())
    least = Places(problem, everything, idle).least
    goal = np.arange(len(least)) == len(least) - 1
    prices = ways(least, goal)[0]
    wanted = np.max(np.where(np.isfinite(prices), prices, -np.inf) - least.T, axis=1)
    prices = np.maximum(np.where(np.isfinite(prices), prices, wanted), 0.0)[:-1]
    return Solution(problem, kind, pool, units[kind, pool], held, prices, backend)
