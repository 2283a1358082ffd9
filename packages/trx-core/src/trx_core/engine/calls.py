"""One call of an algorithm, shut off from everything but the algorithm."""

from __future__ import annotations

import time
from typing import NamedTuple

from trx_core.engine.blame import Blame
from trx_core.errors import describe, is_kind, message_of
from trx_core.interrupts import is_the_users
from trx_core.protocols import Algorithm, Learner
from trx_core.routing import ContractViolation, Outcomes, RoutingProblem, Ruling, own

__all__ = ["Answer", "Failure", "ask", "call", "failure_of"]


class Failure(NamedTuple):
    """Why a call came to nothing.

    Attributes:
        blame: whether it raised, or broke the contract.
        what: it raised or broke, in words.
        raised: the exception itself.
    """

    blame: Blame
    what: str
    raised: BaseException


class Answer(NamedTuple):
    """What came of a call.

    Attributes:
        decision: the engine's own copy of what the algorithm returned, which may break the contract
            yet; ``None`` if there is none.
        failure: why it returned nothing; ``None`` if it returned.
        seconds: that the call took.
    """

    decision: Ruling | None
    failure: Failure | None
    seconds: float


def call(algorithm: Algorithm, problem: RoutingProblem, news: Outcomes | None = None) -> Answer:
    """Tell ``algorithm`` the news, if there are any and it learns, and ask it.

    Nothing that it raises gets out, ``sys.exit()`` included.

    It may run in any thread and leaves no trace but its answer: what nobody waits for any more
    changes nothing. An interrupt by the user passes.
    """
    started = time.perf_counter()
    decision, failure = None, None
    try:
        decision = ask(algorithm, problem, news)
    except BaseException as error:
        failure = failure_of(error)
    return Answer(decision, failure, time.perf_counter() - started)


def ask(algorithm: Algorithm, problem: RoutingProblem, news: Outcomes | None) -> Ruling:
    """Everything of a call that runs the algorithm's own code; to read what it returns may do so,
    too."""
    tasks = len(problem.tasks)
    if news is not None and isinstance(algorithm, Learner):
        algorithm.observe(news)
    return own(algorithm.route(problem), tasks)


def failure_of(error: BaseException) -> Failure:
    """What an algorithm's call has come to; an interrupt by the user passes."""
    if is_the_users(error):
        raise error
    if is_kind(error, ContractViolation):
        return Failure(Blame.BROKE_CONTRACT, message_of(error), error)
    return Failure(Blame.RAISED, describe(error), error)
