"""What an algorithm returns is read once, where it may fail, and is the engine's own then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hostile_answers import Late, Leaves, Text, TwoFaced
from kernel_bench import Bench, only, pool, task

from trx_core.engine import Blame, Decider, NamedAlgorithm
from trx_core.kernel import FALLBACK, Claim, Decide, Decided, Reserve
from trx_core.routing import (
    LONGEST_REASON,
    Breaker,
    Decision,
    PoolView,
    RoutingProblem,
)
from trx_core.testing import check_algorithm


class Nowhere(Exception):
    """Was raised nowhere."""

    __traceback__ = property(lambda self: None)


class Elsewhere(Exception):
    """Leaves the process when it is asked where it was raised."""

    __traceback__ = property(lambda self: sys.exit(3))


class Impostor(Exception):
    """Leaves the process when it is asked what it is."""

    __class__ = property(lambda self: sys.exit(3))


class Nameless(type):
    """A type that leaves the process when it is asked for its name."""

    __name__ = property(lambda cls: sys.exit(3))


class Unnamed(Exception, metaclass=Nameless):
    """What it is called cannot be told."""


ODD: dict[str, type[Exception]] = {
    "raised nowhere": Nowhere,
    "raised elsewhere": Elsewhere,
    "an impostor": Impostor,
    "unnamed": Unnamed,
}


class Raises:
    """Raises what it is given."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def route(self, problem: RoutingProblem) -> Any:
        raise self.error


class Fickle(np.ndarray[Any, Any]):
    """Is something else whenever it is looked at by Python code."""

    def __iter__(self) -> Iterator[Any]:
        return iter([7] * self.size)

    def tolist(self) -> Any:
        return [7] * self.size

    def __getitem__(self, _: object) -> Any:
        return 7


class Gives:
    """Returns what it is given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def route(self, problem: RoutingProblem) -> Any:
        return self.answer


def round_of(tasks: int) -> Decide:
    view = PoolView(pool("cpu"), 9, Breaker.CLOSED, lambda _: 1.0, lambda _: 1.0)
    return Decide(1, RoutingProblem([task() for _ in range(tasks)], [view], now=0.0))


def decided(answer: Any, tasks: int = 2) -> tuple[Decided, dict[Any, int]]:
    decider = Decider(NamedAlgorithm("acme", "acme 1.0", Gives(answer)), lambda *_: None)
    return decider.decide(round_of(tasks)), dict(decider.failures)


@pytest.mark.parametrize(
    ("answer", "blame"),
    [
        (None, Blame.BROKE_CONTRACT),
        (Late([0, 0]), Blame.BROKE_CONTRACT),
        (Decision([0, 0], reason=42), Blame.BROKE_CONTRACT),  # type: ignore[arg-type]
        (Decision([0, 0], reason=Leaves()), Blame.BROKE_CONTRACT),  # type: ignore[arg-type]
        (Decision(Leaves()), Blame.BROKE_CONTRACT),  # type: ignore[arg-type]
        (Decision([0, Leaves()]), Blame.BROKE_CONTRACT),  # type: ignore[list-item]
        (Decision([0, 0], order=Leaves()), Blame.BROKE_CONTRACT),  # type: ignore[arg-type]
        (Decision([0, 0], propensity=Leaves()), Blame.BROKE_CONTRACT),  # type: ignore[arg-type]
        (Decision.__new__(Decision), Blame.RAISED),
    ],
)
def test_what_fails_when_it_is_read_is_the_algorithms_fault(answer: Any, blame: Blame) -> None:
    told, failures = decided(answer)
    assert (told.algorithm, failures) == (FALLBACK, {("acme", blame): 1})


@pytest.mark.parametrize("kind", ODD)
def test_what_is_raised_is_told_without_its_help(kind: str) -> None:
    algorithm = Raises(ODD[kind]("my own bug"))
    told: list[str] = []
    decider = Decider(
        NamedAlgorithm("acme", "acme 1.0", algorithm), lambda *of: told.append(str(of))
    )
    assert decider.decide(round_of(2)).algorithm == FALLBACK
    assert decider.failures == {("acme", Blame.RAISED): 1}
    assert "my own bug" in told[0]
    found = check_algorithm(lambda: algorithm)
    assert any(one.failed and "my own bug" in one.message for one in found)


def test_a_string_of_its_own_kind_is_made_a_plain_one() -> None:
    told, failures = decided(Decision([0, 0], reason=Text("it is Monday")))
    assert (told.decision.reason, failures) == ("it is Monday", {})
    assert type(told.decision.reason) is str


def test_a_reason_is_as_long_as_is_kept_and_can_be_written_down() -> None:
    told, _ = decided(Decision([0, 0], reason="\ud800" + "x" * 10 * LONGEST_REASON))
    assert told.decision.reason == "?" + "x" * (LONGEST_REASON - 1)


@pytest.mark.parametrize("face", [TwoFaced, lambda of: np.array(of).view(Fickle)])
def test_what_is_checked_is_what_is_carried_out(face: Any) -> None:
    bench = Bench(pool("cpu", 4))
    tasks = [task(at=0.0), task(at=1.0), task(at=2.0)]
    asked = only(bench.arrive(*tasks), Decide)
    answer = Decision(face([0, 0, 0]), order=face([2, 0, 1]))
    decider = Decider(NamedAlgorithm("acme", "acme 1.0", Gives(answer)))
    reserve = only(bench.tell(decider.decide(asked)), Reserve)
    assert decider.failures == {}
    claim = only(bench.grant(reserve), Claim)
    assert [attempt.task for attempt in claim.attempts] == [tasks[2], tasks[0], tasks[1]]


def test_what_the_algorithm_keeps_changes_nothing() -> None:
    placed, order, odds = np.array([0, 0]), [1, 0], np.array([0.5, 0.5])
    told, _ = decided(Decision(placed, order, odds))
    placed[:], order[:], odds[:] = 9, [9, 9], 9.0
    decision = told.decision
    assert (decision.pool, decision.order) == ((0, 0), (1, 0))
    assert np.asarray(decision.propensity).tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(decision.propensity)[0] = 1.0
