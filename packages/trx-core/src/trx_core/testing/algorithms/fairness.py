"""Checks of whom an algorithm serves, and how soon."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from trx_core.routing import HOLD, Breaker, RoutingProblem
from trx_core.testing.algorithms.serving import Scene, is_served
from trx_core.testing.algorithms.subject import AlgorithmSubject, answer, breach
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.rounds import LARGE, ROUNDS, make_round, rounds
from trx_core.testing.scenes import NOW, crowd, everyone, lone_task

__all__ = ["ignores_seats", "keeps_pace", "lets_nobody_starve"]

BUDGET: Final = 10.0
"""Seconds of processor time: twenty times and more what a policy in plain Python takes."""

LONELY: Final[Mapping[str, Scene]] = {
    "of priority 1": lone_task,
    "of priority 10": partial(lone_task, priority=10),
    "whose placement is dear": partial(lone_task, price=100.0),
    "that has failed before": partial(lone_task, attempt=1),
    "of a region without a pool": partial(lone_task, region="elsewhere"),
    "that is overdue": partial(lone_task, deadline=NOW - 1.0),
    "whose pool's breaker is half open": partial(lone_task, breaker=Breaker.HALF_OPEN),
    "that asks for the pool's resource": partial(lone_task, resource_type="gpu", resource="gpu"),
    "that is bound to the pool's region": partial(lone_task, region="here", region_required=True),
    "that takes ten minutes": partial(lone_task, latency=600.0),
    "that mostly fails": partial(lone_task, success=0.3),
    "that costs nothing": partial(lone_task, cost=0.0),
    "that costs a fortune": partial(lone_task, cost=1e6),
}


def lets_nobody_starve(subject: AlgorithmSubject) -> None:
    """A task that is alone with an idle pool is placed, at the latest when it has waited so long
    that its wait alone is worth a thousand: whatever its priority, its cost and the price of the
    pool, be it expected to take ten minutes or to fail more often than not, whether it is new, has
    failed before, is overdue, asks for the pool's resource, is bound to its region or would rather
    run in a region where there is no pool, and as the probe of a pool whose breaker is half open.
    So are all tasks of a crowd that an idle pool has room for, and of five hundred that three have:
    of every type, tenant, priority and number of attempts up to twenty. An algorithm that may hold
    a task for ever declares ``bounded_hold=False``.
    """
    if not subject.declared.bounded_hold:
        raise NotApplicable("it declares bounded_hold=False")
    for what, scene in LONELY.items():
        is_served(subject, f"a task {what}, alone with an idle pool,", scene)
    is_served(subject, "one of a crowd that an idle pool has room for", crowd)
    is_served(subject, "one of many of whom idle pools have room for everyone", everyone)


def ignores_seats(subject: AlgorithmSubject) -> None:
    """Pools listed in another order get the same tasks, unless two of them are as good as each
    other. Only for those that declare ``ignores_pool_order=True``.
    """
    if not subject.declared.ignores_pool_order:
        raise NotApplicable("it declares ignores_pool_order=False")
    for name, problem in rounds(ROUNDS):
        seats = list(range(len(problem.pools)))
        random.Random(1).shuffle(seats)
        shuffled = RoutingProblem(
            problem.tasks,
            [problem.pools[seat] for seat in seats],
            now=problem.now,
            number=problem.number,
            objective=problem.objective,
            distance=problem.distance,
        )
        usual = answer(problem, subject.make().route(problem)).pool
        found = answer(shuffled, subject.make().route(shuffled)).pool
        if [HOLD if pool == HOLD else seats[pool] for pool in found] != usual:
            raise breach(name, "pools listed in another order are given other tasks")


def keeps_pace(subject: AlgorithmSubject) -> str:
    """A round of 1,000 tasks on 50 pools takes less than ten seconds of processor time. That is no
    aim: an engine's budget is a fraction of a second, and the time that it took is told.
    """
    algorithm = subject.make()
    algorithm.route(make_round(ROUNDS[0]))
    problem = make_round(LARGE)
    started = time.process_time()
    algorithm.route(problem)
    spent = time.process_time() - started
    if spent > BUDGET:
        raise CheckFailure(f"{spent:.1f} s for {LARGE.name}")
    return f"{spent * 1000:.1f} ms for {LARGE.name}"
