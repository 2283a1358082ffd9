"""The contract of a decision: what keeps it, and what breaks which rule."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hostile_answers import Interrupts, Leaves
from kernel_bench import pool, task

from trx_core.errors import PluginError
from trx_core.interrupts import telling_interrupts_apart
from trx_core.routing import (
    HOLD,
    Breaker,
    ContractViolation,
    Decision,
    PoolView,
    RoutingProblem,
    validate,
)


def view(name: str, free: int, breaker: Breaker = Breaker.CLOSED, **more: Any) -> PoolView:
    return PoolView(pool(name, 4, **more), free, breaker, lambda _: 1.0, lambda _: 1.0)


TASKS = [task(), task(slots=2), task(resource_type="gpu")]
POOLS = [
    view("cpu", 2),
    view("gpu", 1, resource_type="gpu"),
    view("shut", 4, Breaker.OPEN, resource_type="gpu"),
]
PROBLEM = RoutingProblem(TASKS, POOLS, now=0.0)
NONE = [HOLD] * 3


@pytest.mark.parametrize(
    "decision",
    [
        Decision(NONE),
        Decision([0, HOLD, 1]),
        Decision([HOLD, 0, HOLD]),
        Decision((1, 0, HOLD)),
        Decision(np.array([0, -1, 1], dtype=np.int8)),
        Decision([0, HOLD, 1], order=[2, 0, 1]),
        Decision([0, HOLD, 1], order=np.array([2, 1, 0])),
        Decision([0, HOLD, 1], propensity=[1.0, 0.5, 1e-300]),
        Decision([0, HOLD, 1], propensity=[1, 1, 1], reason="it was Monday"),
    ],
)
def test_what_keeps_the_contract_comes_back_as_plain_integers(decision: Decision) -> None:
    placed = validate(PROBLEM, decision)
    assert placed == list(decision.pool)
    assert {type(index) for index in placed} == {int}


ANY: Any = Decision
"""Made with what its types forbid."""


class Unreadable:
    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise OSError("the weights are gone")


@pytest.mark.parametrize(
    ("decision", "code", "told"),
    [
        (None, "TRX-P101", "returned NoneType"),
        ([0, 0, 1], "TRX-P101", "returned list"),
        (ANY([0, 1]), "TRX-P101", r"pool column has shape \(2,\).*Return 3 integers"),
        (ANY([[0], [1], [1]]), "TRX-P101", "shape"),
        (ANY(0), "TRX-P101", "shape"),
        (ANY([0.0, -1.0, 1.0]), "TRX-P101", "float64"),
        (ANY([True, False, False]), "TRX-P101", "bool"),
        (ANY(["0", "0", "1"]), "TRX-P101", "type"),
        (ANY([0, None, 1]), "TRX-P101", "object"),
        (ANY([[0], [1, 2], []]), "TRX-P101", "pool column is no array: ValueError"),
        (ANY(Unreadable()), "TRX-P101", "OSError: the weights are gone"),
        (ANY(iter([0, 0, 1])), "TRX-P101", "shape"),
        (ANY([3, HOLD, HOLD]), "TRX-P102", "pool number 3 of 3"),
        (ANY([-2, HOLD, HOLD]), "TRX-P102", "pool number -2 of 3"),
        (ANY([2**62, 0, 0]), "TRX-P102", "pool number 4611686018427387904"),
        (ANY([HOLD, HOLD, 0]), "TRX-P103", "'cpu', which may not take it"),
        (ANY([2, HOLD, HOLD]), "TRX-P103", "'shut', which may not take it"),
        (ANY([0, 0, HOLD]), "TRX-P104", "3 slots' worth of tasks on pool 'cpu'.* 2 free"),
        (ANY([1, HOLD, 1]), "TRX-P104", "2 slots' worth of tasks on pool 'gpu'.* 1 free"),
        (ANY([HOLD, 1, HOLD]), "TRX-P104", "2 slots' worth of tasks on pool 'gpu'"),
        (ANY(NONE, order=[0, 1]), "TRX-P101", "order column"),
        (ANY(NONE, order=[0.0, 1.0, 2.0]), "TRX-P101", "order column"),
        (ANY(NONE, order=[0, 1, 1]), "TRX-P105", "does not name every task once"),
        (ANY(NONE, order=[0, 1, -1]), "TRX-P105", "permutation"),
        (ANY(NONE, order=[1, 2, 3]), "TRX-P105", "permutation"),
        (ANY(NONE, propensity=[0.5, 0.5]), "TRX-P106", "one probability"),
        (ANY(NONE, propensity=[0.0, 0.5, 0.5]), "TRX-P106", "one probability"),
        (ANY(NONE, propensity=[0.5, 1.01, 0.5]), "TRX-P106", "one probability"),
        (ANY(NONE, propensity=[0.5, float("nan"), 0.5]), "TRX-P106", "one probability"),
        (ANY(NONE, propensity=["a", "b", "c"]), "TRX-P106", "one probability"),
        (ANY(NONE, propensity=[0.5, None, 0.5]), "TRX-P106", "one probability"),
        (ANY(NONE, propensity=[[0.5], [1, 2], []]), "TRX-P101", "propensity column"),
        (ANY(NONE, reason=42), "TRX-P101", "reason is of type int.*a str, or None"),
        (ANY(NONE, reason=b"full"), "TRX-P101", "reason is of type bytes"),
    ],
)
def test_each_rule_has_its_code(decision: Any, code: str, told: str) -> None:
    with pytest.raises(ContractViolation, match=f"^{code}: .*{told}") as broken:
        validate(PROBLEM, decision)
    assert isinstance(broken.value, PluginError)
    assert broken.value.hint


def test_the_task_and_the_pool_at_fault_are_named() -> None:
    with pytest.raises(ContractViolation, match=str(TASKS[2].id)):
        validate(PROBLEM, Decision([HOLD, HOLD, 0]))


@pytest.mark.parametrize("column", [[], np.array([]), np.array([], dtype=np.int64)])
def test_a_round_of_no_tasks_is_answered_with_nothing(column: Any) -> None:
    empty = RoutingProblem([], POOLS, now=0.0)
    assert validate(empty, Decision(column, order=column, propensity=column)) == []
    with pytest.raises(ContractViolation, match="TRX-P101"):
        validate(empty, Decision([0]))


def test_a_round_of_no_pools_may_only_hold() -> None:
    bare = RoutingProblem(TASKS, [], now=0.0)
    assert validate(bare, Decision(NONE)) == NONE
    with pytest.raises(ContractViolation, match="TRX-P102"):
        validate(bare, Decision([0, HOLD, HOLD]))


class Lazy(Decision):
    @property
    def pool(self) -> Any:
        raise ZeroDivisionError


@pytest.mark.parametrize("decision", [ANY(Leaves()), ANY(NONE, order=Leaves()), Lazy.__new__(Lazy)])
def test_a_column_that_raises_when_it_is_read_breaks_the_contract(decision: Decision) -> None:
    with pytest.raises(ContractViolation, match="TRX-P101"):
        validate(PROBLEM, decision)


class Signals:
    def __array__(self, *_: object, **__: object) -> Any:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("usual_interrupts")
@pytest.mark.parametrize("column", ["pool", "order", "propensity"])
def test_an_interrupt_of_a_columns_own_is_told_from_the_users(column: str) -> None:
    own, users = (ANY(**{"pool": NONE, column: made()}) for made in (Interrupts, Signals))
    with telling_interrupts_apart():
        with pytest.raises(ContractViolation, match=r"TRX-P101.*KeyboardInterrupt"):
            validate(PROBLEM, own)
        with pytest.raises(KeyboardInterrupt):
            validate(PROBLEM, users)


@pytest.mark.usefixtures("usual_interrupts")
def test_an_interrupt_where_nobody_tells_them_apart_is_the_users() -> None:
    with pytest.raises(KeyboardInterrupt):
        validate(PROBLEM, ANY(Interrupts()))
    with ThreadPoolExecutor(1) as thread, pytest.raises(ContractViolation):
        thread.submit(validate, PROBLEM, ANY(Interrupts())).result()


def test_no_matrix_is_made_of_a_decision() -> None:
    problem = RoutingProblem([task() for _ in range(500)], [view("a", 4), view("b", 4)], now=0.0)
    assert validate(problem, Decision([0] * 4 + [1] * 4 + [HOLD] * 492)).count(HOLD) == 492
    matrices = [name for name, made in vars(problem).items() if getattr(made, "ndim", 0) == 2]
    assert matrices == []


def test_a_mask_that_an_algorithm_has_widened_is_not_believed() -> None:
    problem = RoutingProblem(TASKS, POOLS, now=0.0)
    vars(problem)["eligible"] = np.ones(problem.shape, dtype=bool)
    with pytest.raises(ContractViolation, match="TRX-P103"):
        validate(problem, Decision([HOLD, HOLD, 0]))
