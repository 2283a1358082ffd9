"""The policy that knows what is going to happen."""

from __future__ import annotations

import pytest
from scene import NOW, names_of, pool, problem, task

from trx_algorithms.oracle import Oracle
from trx_core.errors import PluginError
from trx_core.models import ErrorKind, Outcome, Task, WorkerPool

POOLS = [pool("promising", 9, latency=0.1), pool("dull", 9, latency=30.0)]


def test_goes_by_what_will_happen_not_by_what_is_expected() -> None:
    oracle, one = Oracle(), task()
    asked = set()

    def foresight(of: Task, where: WorkerPool, at: float) -> Outcome:
        asked.add((of.id, where.name, at))
        return Outcome({"promising": 9.0, "dull": 2.0}[where.name], True, 1.0)

    oracle.foresee(foresight)
    assert names_of(oracle, problem([one], POOLS)) == ["dull"]
    assert asked == {(one.id, "promising", NOW), (one.id, "dull", NOW)}


def test_shuns_the_pool_where_the_attempt_will_fail() -> None:
    oracle = Oracle()
    fails = Outcome(1.0, False, 1.0, ErrorKind.TRANSIENT, "bad luck")
    oracle.foresee(lambda t, p, at: fails if p.name == "promising" else Outcome(1.0, True, 1.0))
    assert names_of(oracle, problem([task()], POOLS)) == ["dull"]


def test_refuses_to_guess() -> None:
    with pytest.raises(PluginError, match=r"TRX-P112: .* Run it in the lab"):
        Oracle().route(problem([task()], POOLS))
