"""Checks of an algorithm that is told how attempts have ended."""

from __future__ import annotations

from typing import Any, Final

from trx_core.errors import describe
from trx_core.models import Attempt, ErrorKind, Outcome
from trx_core.routing import Outcomes, RoutingProblem
from trx_core.testing.algorithms.subject import (
    AlgorithmSubject,
    Answer,
    answer,
    breach,
    violation,
)
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.rounds import ROUNDS, rounds
from trx_core.testing.samples import sample_pools, sample_tasks
from trx_core.testing.watch import even_luck

__all__ = ["learns"]

ENDS: Final = (
    Outcome(0.5, True, 1.0),
    Outcome(30.0, False, 0.0, ErrorKind.TIMEOUT, "too slow"),
    Outcome(0.0, True, 0.0),
    Outcome(1e6, True, 1e9),
    Outcome(0.0, False, 0.0, ErrorKind.PERMANENT),
)


def learns(subject: AlgorithmSubject) -> None:
    """An algorithm that declares ``outcomes=True`` takes in, by ``observe(outcomes)``, attempts of
    every end, of tasks, types and pools that it has never met too, leaves them as they are, and
    goes on deciding by the rules; told the same between the same rounds it decides the same. It
    declares ``stateful=True`` as well. One that has ``observe`` declares it.
    """
    has = callable(getattr(subject.make(), "observe", None))
    if not subject.declared.outcomes:
        if has:
            raise CheckFailure("it has observe(), and declares outcomes=False: nobody will call it")
        raise NotApplicable("it declares outcomes=False")
    if not has:
        raise CheckFailure("it declares outcomes=True, and has no observe()")
    if not subject.declared.stateful:
        raise CheckFailure("it declares outcomes=True and stateful=False; what it learns is state")
    one, other = _taught(subject), _taught(subject)
    if subject.declared.deterministic and one != other:
        raise CheckFailure("told the same between the same rounds it decided in two ways")


def _taught(subject: AlgorithmSubject) -> list[Answer]:
    with even_luck():
        algorithm: Any = subject.make()
        found = []
        for name, problem in rounds(ROUNDS):
            decision = algorithm.route(problem)
            if (error := violation(problem, decision)) is not None:
                raise breach(name, f"after it had been told of outcomes: {error}")
            found.append(answer(problem, decision))
            for outcomes in (_of_round(problem), _of_strangers(problem.now)):
                _tell(algorithm, outcomes, name)
        return found


def _tell(algorithm: Any, outcomes: Outcomes, name: str) -> None:
    before = (outcomes.attempts, outcomes.outcomes, outcomes.latency.tolist())
    try:
        algorithm.observe(outcomes)
    except Exception as error:
        raise CheckFailure(
            f"told how attempts ended after the round {name!r} it raised {describe(error)}"
        ) from error
    if before != (outcomes.attempts, outcomes.outcomes, outcomes.latency.tolist()):
        raise CheckFailure("it changed the outcomes that it was told")


def _of_round(problem: RoutingProblem) -> Outcomes:
    """One attempt for each task of the round, on its pools in turn."""
    return _ended(
        [
            Attempt(task, view.pool, task.attempt + 1, "fifo", problem.now)
            for index, task in enumerate(problem.tasks)
            for view in (problem.pools[index % len(problem.pools)],)
        ],
        problem.now,
    )


def _of_strangers(now: float) -> Outcomes:
    """Attempts of tasks that were in no round, on pools that have left the fleet."""
    pools = sample_pools()
    return _ended(
        [
            Attempt(task, pools[index % len(pools)], 1, "fifo", now)
            for index, task in enumerate(sample_tasks(10))
        ],
        now,
    )


def _ended(attempts: list[Attempt], now: float) -> Outcomes:
    ends = [ENDS[index % len(ENDS)] for index in range(len(attempts))]
    return Outcomes(attempts, ends, [now + end.latency for end in ends])
