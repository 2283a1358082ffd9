"""Exact solvers of the transportation problem with hold arcs, with prices that certify."""

from trx_algorithms.flow.backends import BACKENDS
from trx_algorithms.flow.problem import Problem
from trx_algorithms.flow.solution import Solution, certify
from trx_algorithms.flow.solve import check_backend, prepare, solve

__all__ = ["BACKENDS", "Problem", "Solution", "certify", "check_backend", "prepare", "solve"]
