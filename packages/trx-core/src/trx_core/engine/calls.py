"""One call of an algorithm, shut off from everything but the algorithm."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from trx_core.errors import describe
from trx_core.interrupts import is_the_users
from trx_core.protocols import Algorithm, Learner
from trx_core.routing import Outcomes, RoutingProblem

__all__ = ["Answer", "ask", "call", "raised_by"]


class Answer(NamedTuple):
    """What came of a call.

    Attributes:
        decision: what the algorithm returned, unchecked.
        raised: what it raised, in words; ``None`` if it returned.
        seconds: that the call took.
    """

    decision: Any
    raised: str | None
    seconds: float


def call(algorithm: Algorithm, problem: RoutingProblem, news: Outcomes | None = None) -> Answer:
    """Tell ``algorithm`` the news, if there are any and it learns, and ask it.

    Nothing that it raises gets out, ``sys.exit()`` included.

    It may run in any thread and leaves no trace but its answer: what nobody waits for any more
    changes nothing. An interrupt by the user passes.
    """
    started = time.perf_counter()
    decision, raised = None, None
    try:
        decision = ask(algorithm, problem, news)
    except BaseException as error:
        raised = raised_by(error)
    return Answer(decision, raised, time.perf_counter() - started)


def ask(algorithm: Algorithm, problem: RoutingProblem, news: Outcomes | None) -> Any:
    """Everything of a call that runs the algorithm's own code."""
    if news is not None and isinstance(algorithm, Learner):
        algorithm.observe(news)
    return algorithm.route(problem)


def raised_by(error: BaseException) -> str:
    """What an algorithm has raised; an interrupt by the user passes."""
    if is_the_users(error):
        raise error
    return describe(error)
