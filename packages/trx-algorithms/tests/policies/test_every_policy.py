"""What all policies have in common: the contract, bounded memory, parameters that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene import HOLD, placed, pool, problem, task

from trx_algorithms import least_loaded, round_robin
from trx_algorithms.policies import POLICIES
from trx_core.errors import CallerError
from trx_core.protocols import Algorithm, Clairvoyant
from trx_core.routing import RoutingProblem, validate
from trx_core.testing import ROUNDS, RoundShape, make_round
from trx_core.testing.strategies import problems

SPECS = {spec.name: spec for spec in POLICIES}

VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in SPECS if name != "oracle"),
    ("random", {"by": "slot"}),
    ("power-of-two-choices", {"d": 5}),
    ("weighted-round-robin", {"weights": {"pool-0": 2.5}}),
    ("join-shortest-queue", {"measure": "share"}),
    ("weighted-score", {"scaled": False, "load": 3.0}),
    ("priority-aging", {"blocking": False}),
    ("priority-aging", {"backfill": "easy"}),
    ("earliest-deadline-first", {"hopeless_last": False}),
    ("shortest-job-first", {"max_wait": 30.0}),
    ("weighted-fair-queueing", {"measure": "work", "tenants": 1}),
    ("sticky-hash", {"weights": "equal"}),
    *((name, {"backfill": "easy"}) for name in ("fcfs", "sjf", "wfp3", "unicep", "f1")),
    ("fcfs", {"backfill": "easy-strict"}),
    ("fcfs", {"blocking": False}),
]


@pytest.mark.parametrize(("name", "params"), VARIANTS)
@settings(max_examples=30)
@given(questions=st.lists(problems(), min_size=1, max_size=4))
def test_keeps_the_contract_round_after_round(
    name: str, params: dict[str, Any], questions: list[RoutingProblem]
) -> None:
    one, other = SPECS[name].build(params), SPECS[name].build(params)
    for question in questions:
        decision = one.route(question)
        assert validate(question, decision) == placed(other, question)


@pytest.mark.parametrize(("name", "params"), VARIANTS)
@settings(max_examples=30)
@given(question=problems(max_tasks=12))
def test_holds_nobody_who_could_go(
    name: str, params: dict[str, Any], question: RoutingProblem
) -> None:
    """Who is held fits nowhere, or waits behind one who was first and does not fit."""
    algorithm: Algorithm = SPECS[name].build(params)
    answer = placed(algorithm, question)
    free = question.free.copy()
    for row, index in enumerate(answer):
        if index != HOLD:
            free[index] -= question.slots[row]
    held = [row for row, index in enumerate(answer) if index == HOLD]
    could = [row for row in held if (question.eligible[row] & (free >= question.slots[row])).any()]
    if could:
        stuck = [r for r in held if r not in could and question.eligible[r].any()]
        assert getattr(algorithm, "blocking", False)
        assert stuck, "somebody heads the queue"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("random", {"by": "moon"}),
        ("power-of-two-choices", {"d": 0}),
        ("weighted-round-robin", {"weights": "weight"}),
        ("weighted-round-robin", {"weights": {"a": 0}}),
        ("join-shortest-queue", {"measure": "length"}),
        ("peak-ewma", {"decay": 0}),
        ("peak-ewma", {"types": 0}),
        ("sticky-hash", {"weights": {"a": float("inf")}}),
        ("weighted-score", {"money": -1}),
        ("priority-aging", {"rate": -0.1}),
        ("shortest-job-first", {"max_wait": 0}),
        ("weighted-fair-queueing", {"weights": {"a": -1}}),
        ("weighted-fair-queueing", {"measure": "votes"}),
        ("weighted-fair-queueing", {"tenants": 0}),
        ("fcfs", {"backfill": "conservative"}),
        ("sjf", {"backfill": "easy", "blocking": False}),
        ("round-robin", {"speed": 1}),
    ],
)
def test_refuses_parameters_that_make_no_sense(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(CallerError, match="TRX-C111"):
        SPECS[name].build(params)


def test_only_the_oracle_asks_for_foresight() -> None:
    assert [n for n, s in SPECS.items() if isinstance(s.build(), Clairvoyant)] == ["oracle"]


@pytest.mark.parametrize(("name", "params"), VARIANTS)
def test_remembers_no_more_than_there_is(name: str, params: dict[str, Any]) -> None:
    """Rounds of ever other tasks, pools, types and tenants leave a state of fixed size."""
    if name == "peak-ewma":
        params = {**params, "types": 8}
    algorithm = SPECS[name].build(params)
    for number in range(1, 201):
        waiting = [
            task(slots=slots, type=f"type-{number}", metadata={"tenant": f"{number}-{slots}"})
            for slots in (2, 1, 1, 3)
        ]
        pools = [pool(f"pool-{number}", 3), pool(f"other-{number}", 1)]
        algorithm.route(problem(waiting, pools, number=number))
    state = vars(algorithm).items()
    sizes = {key: len(value) for key, value in state if hasattr(value, "__len__")}
    assert all(size <= 12 for size in sizes.values()), sizes


WIDE = RoundShape("a crowd that fills every pool", 900, 30, capacity=25, plain=True)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("shortest-expected-delay", {}),
        ("peak-ewma", {}),
        ("weighted-round-robin", {}),
        ("weighted-round-robin", {"weights": {"pool-0": 2.5, "pool-7": 0.3}}),
    ],
)
def test_columns_of_all_pools_decide_as_loops_over_them_do(
    name: str, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = [make_round(shape, n) for n in (1, 2) for shape in (*ROUNDS, WIDE)]
    usual = SPECS[name].build(params)
    by_columns = [placed(usual, one) for one in rounds]
    for module in (least_loaded, round_robin):
        monkeypatch.setattr(module, "MANY", 1_000_000)
    other = SPECS[name].build(params)
    assert by_columns == [placed(other, one) for one in rounds]


@pytest.mark.parametrize("measure", ["slots", "share"])
def test_the_shortest_queue_is_the_shortest_in_a_crowd_too(measure: str) -> None:
    question = make_round(WIDE)
    load, free = question.load.astype(float), question.free.copy()
    step = 1.0 / np.maximum(question.capacity, 1) if measure == "share" else np.ones(len(load))
    levels, expected = load * step, [HOLD] * len(question.tasks)
    for row in np.argsort(-question.priority, kind="stable"):
        room = np.where(free > 0, levels, np.inf)
        if free.any():
            expected[row] = best = int(room.argmin())
            levels[best] += step[best]
            free[best] -= 1
    algorithm = SPECS["join-shortest-queue"].build({"measure": measure})
    assert placed(algorithm, question) == expected
