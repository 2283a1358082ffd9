"""Checks of what an algorithm answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import numpy as np

from trx_core.errors import describe
from trx_core.protocols import Algorithm
from trx_core.routing import HOLD, Decision, RoutingProblem
from trx_core.testing.algorithms.serving import is_served
from trx_core.testing.algorithms.subject import (
    AlgorithmSubject,
    answer,
    breach,
    misshapen,
    placements,
    violation,
)
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.rounds import (
    BARREN_ROUNDS,
    EMPTY_ROUNDS,
    LARGE_ROUNDS,
    ROUNDS,
    SMALL,
    RoundShape,
    make_round,
    rounds,
)
from trx_core.testing.scenes import lone_task, wide_crowd

__all__ = [
    "bears_emptiness",
    "eligible",
    "goes_on",
    "ordered",
    "places_wide_tasks",
    "well_formed",
    "within_limits",
]

LONG_RUN: Final = 500
WIDE: Final = ((3, 4), (8, 8), (9, 16), (64, 64), (1_000, 1_000))
"""Slots of a task, and of its pool."""

TOGETHER: Final = 16


def well_formed(subject: AlgorithmSubject) -> None:
    """Every round is answered with a ``Decision``: for each task the index of a pool or ``HOLD``,
    as integers. A reason, where one is given, is a ``str``.
    """
    algorithm = subject.make()
    for name, problem in rounds():
        error = misshapen(problem, algorithm.route(problem))
        if error is not None:
            raise breach(name, error)


def ordered(subject: AlgorithmSubject) -> None:
    """An order, where one is given, names every task of the round once. Who comes first in it goes
    first when a pool turns out to have fewer slots than it seemed.
    """
    for name, problem, decision in _decisions(subject):
        error = violation(problem, Decision([HOLD] * len(problem.tasks), order=decision.order))
        if error is not None:
            raise breach(name, error)


def goes_on(subject: AlgorithmSubject) -> None:
    """The five hundredth round is answered as well as the first: nothing fills up, wraps around or
    runs out on the way.
    """
    algorithm = subject.make()
    for number in range(1, LONG_RUN + 1):
        error = _error(make_round(SMALL, number), algorithm)
        if error is None:
            continue
        if _error(make_round(SMALL, number), subject.make()) is not None:
            raise NotApplicable(f"it is wrong from the start: {error}")
        raise CheckFailure(f"in round {number} of a long run: {error}")


def _error(problem: RoutingProblem, algorithm: Algorithm) -> str | None:
    """What is wrong with its answer, if it has one."""
    try:
        found = violation(problem, algorithm.route(problem))
    except Exception as error:
        return f"it raised {describe(error)}"
    return None if found is None else str(found)


def eligible(subject: AlgorithmSubject) -> None:
    """A task is placed only where ``problem.eligible`` allows it: on the resource type that it
    asks for, in its region if it is bound to that (``region_required``), on a pool large enough for
    it, and never behind an open breaker.
    """
    for name, problem, decision in _decisions(subject):
        for row, pool in placements(problem, decision):
            if not problem.eligible[row, pool]:
                raise breach(name, f"task {row} may not run on pool {pool}. Keep to the mask.")


def within_limits(subject: AlgorithmSubject) -> None:
    """No pool is given more slots' worth of tasks than it has free; a task counts as many slots as
    it needs. What does not fit is held. So it is in rounds of a thousand tasks and of three
    hundred pools.
    """
    for name, problem, decision in _decisions(subject, LARGE_ROUNDS):
        rows, pools = placements(problem, decision).T
        taken = np.bincount(pools, weights=problem.slots[rows], minlength=len(problem.pools))
        for pool in np.flatnonzero(taken > problem.free):
            raise breach(
                name,
                f"{taken[pool]:g} slots' worth of tasks on pool {pool}, which has "
                f"{problem.free[pool]} free. Return HOLD for what does not fit.",
            )


def bears_emptiness(subject: AlgorithmSubject) -> None:
    """A round without tasks, without pools, without either, and one in which nothing can be placed
    (no free slot, no eligible pool, every breaker open) is answered like any other.
    """
    algorithm = subject.make()
    for name, problem in rounds((*EMPTY_ROUNDS, *BARREN_ROUNDS)):
        try:
            decision = algorithm.route(problem)
        except Exception as error:
            raise breach(name, f"it raised {describe(error)}") from error
        if not problem.tasks and isinstance(decision, Decision):
            columns = Decision(decision.pool, decision.order, decision.propensity)
            wrong = violation(problem, columns)
            if wrong is not None:
                raise breach(name, wrong)


def places_wide_tasks(subject: AlgorithmSubject) -> None:
    """A task of three slots, alone with an idle pool of four, is placed once holding it costs more
    than placing it; so is one that takes up a whole pool, be it of eight slots or of a thousand,
    and so are many together, of one slot to a hundred, that a pool has room for. An algorithm
    that does not place such tasks declares ``multi_slot=False``, and then holds them always.
    """
    for slots, capacity in WIDE:
        _places(subject, slots, capacity)
    if subject.declared.multi_slot and subject.declared.bounded_hold:
        for narrowest in range(1, 129, TOGETHER):
            sizes = range(narrowest, narrowest + TOGETHER)
            who = f"a task of {sizes[0]} to {sizes[-1]} slots that an idle pool has room for"
            is_served(subject, who, partial(wide_crowd, sizes=sizes))


def _places(subject: AlgorithmSubject, slots: int, capacity: int) -> None:
    algorithm, wide = subject.make(), subject.declared.multi_slot
    what = f"a task of {slots} slots"
    for number, age in enumerate((0.0, 60.0, 3600.0), start=1):
        problem = lone_task(age, number=number, slots=slots, capacity=capacity)
        (pool,) = answer(problem, algorithm.route(problem)).pool
        if pool != HOLD and not wide:
            raise CheckFailure(f"it placed {what}, and declares multi_slot=False")
        if pool != HOLD:
            return
    if wide and subject.declared.bounded_hold:
        raise CheckFailure(f"it held {what} for an hour, alone with {capacity} idle slots")


def _decisions(
    subject: AlgorithmSubject, more: Sequence[RoundShape] = ()
) -> Iterator[tuple[str, RoutingProblem, Decision]]:
    """Decisions that are well formed, each with its problem as it was before; other checks tell of
    what is malformed, and of what raises where nothing can be placed.
    """
    algorithm = subject.make()
    for shapes, quiet in ((ROUNDS, ()), (BARREN_ROUNDS, (Exception,)), (more, ())):
        for (name, problem), (_, before) in zip(rounds(shapes), rounds(shapes), strict=True):
            with suppress(*quiet):
                decision = algorithm.route(problem)
                if misshapen(before, decision) is None:
                    yield name, before, decision
