"""Checks of what an algorithm's decisions depend on."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt
from typing import Final

import numpy as np

from trx_core.routing import HOLD, Decision
from trx_core.testing.algorithms.subject import (
    AlgorithmSubject,
    Answer,
    answer,
    answers,
    breach,
    violation,
)
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.processes import in_other_processes
from trx_core.testing.rounds import ROUNDS, RoundShape, rounds
from trx_core.testing.scenes import three_pools
from trx_core.testing.watch import even_luck

__all__ = ["forgets", "ignores_hashes", "knows_no_others", "repeats_itself", "tells_odds"]

DRAWS: Final = 2000
SIGMAS: Final = 5.0
VARIED: Final = RoundShape("many types", 60, 4, types=[f"type {n}" for n in range(24)])
NOT_DETERMINISTIC: Final = "it declares deterministic=False"


def repeats_itself(subject: AlgorithmSubject) -> None:
    """Two algorithms that are set up alike and see the same rounds decide alike."""
    if not subject.declared.deterministic:
        raise NotApplicable(NOT_DETERMINISTIC)
    _compare(answers_of(subject), answers_of(subject), "was decided in two ways")


def ignores_hashes(subject: AlgorithmSubject) -> None:
    """The same rounds are decided alike in processes whose strings hash otherwise
    (``PYTHONHASHSEED``): no decision hangs on the order of a set.
    """
    if not subject.declared.deterministic:
        raise NotApplicable(NOT_DETERMINISTIC)
    one, two = in_other_processes([answers_of] * 2, subject, ("1", "2"))
    _compare(one, two, "depends on PYTHONHASHSEED")


def knows_no_others(subject: AlgorithmSubject) -> None:
    """Two in one process know nothing of each other: the same rounds are decided alike whether or
    not another one has decided them before, in another order. What is kept between rounds is kept
    in the object, and not in its class or module.
    """
    if not subject.declared.deterministic:
        raise NotApplicable(NOT_DETERMINISTIC)
    alone, second = in_other_processes([answers_of, answers_after_another], subject, ("1", "1"))
    _compare(alone, second, "is decided otherwise when another one has decided before")


def answers_of(subject: AlgorithmSubject) -> dict[str, Answer]:
    """What the subject decides, all luck that is not its own being even."""
    with even_luck():
        return answers(subject.make(), (*ROUNDS, VARIED))


def answers_after_another(subject: AlgorithmSubject) -> dict[str, Answer]:
    """The same, when another one has seen those rounds before, the last one first."""
    with even_luck():
        other = subject.make()
        for _, problem in reversed(list(rounds((*ROUNDS, VARIED)))):
            other.route(problem)
    return answers_of(subject)


def forgets(subject: AlgorithmSubject) -> None:
    """A round is decided alike whatever rounds came before it. An algorithm that learns, takes
    turns or draws from a generator that runs on declares ``stateful=True``.
    """
    if subject.declared.stateful:
        raise NotApplicable("it declares stateful=True")
    if not subject.declared.deterministic:
        raise NotApplicable(NOT_DETERMINISTIC)
    one, seen = subject.make(), {}
    for name, problem in (*rounds(), *reversed(list(rounds()))):
        with even_luck():
            seen[name] = answer(problem, one.route(problem))
    for name, problem in rounds():
        with even_luck():
            if seen[name] != answer(problem, subject.make().route(problem)):
                raise breach(name, "it decides otherwise when it has seen other rounds before")


def tells_odds(subject: AlgorithmSubject) -> str | None:
    """A propensity is the probability, in (0, 1], with which the algorithm chose what it chose.
    Over many rounds with the same task and pools each pool is chosen about as often as its
    propensity says (within five standard deviations). An algorithm that tells propensities declares
    ``propensities=True``.
    """
    algorithm, given = subject.make(), 0
    for name, problem in rounds():
        odds = answer(problem, algorithm.route(problem)).propensity
        if odds is None:
            continue
        given += 1
        error = violation(problem, Decision([HOLD] * len(problem.tasks), propensity=odds))
        if error is not None:
            raise breach(name, error)
    if not subject.declared.propensities:
        if given:
            raise CheckFailure("it tells propensities, and declares propensities=False")
        raise NotApplicable("it declares propensities=False")
    if not given:
        raise CheckFailure("it tells no propensity, and declares propensities=True")
    return _frequencies(subject)


def _frequencies(subject: AlgorithmSubject) -> str:
    algorithm = subject.make()
    odds: defaultdict[int, list[float]] = defaultdict(list)
    for number in range(1, DRAWS + 1):
        problem = three_pools(number)
        (pool,), _, chance = answer(problem, algorithm.route(problem))
        if chance is None:
            raise CheckFailure("it tells no propensity in a round of one task and three pools")
        odds[pool].append(chance[0])
    for pool, told in odds.items():
        told_share, share = float(np.mean(told)), len(told) / DRAWS
        spread = sqrt(max(told_share * (1.0 - told_share), 1.0 / DRAWS) / DRAWS)
        if abs(share - told_share) > SIGMAS * spread:
            raise CheckFailure(
                f"it chose pool {pool} in {share:.1%} of {DRAWS} rounds, with a propensity of "
                f"{told_share:.1%}"
            )
    return f"{len(odds)} choices in {DRAWS} rounds"


def _compare(one: dict[str, Answer], two: dict[str, Answer], what: str) -> None:
    for name, first in one.items():
        for column, a, b in zip(first._fields, first, two[name], strict=True):
            if a != b:
                raise CheckFailure(f"the round {name!r} {what}: {column} differs")
