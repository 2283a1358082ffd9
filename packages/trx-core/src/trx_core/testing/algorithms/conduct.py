"""Checks of what an algorithm does besides answering."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any, Final

import numpy as np

from trx_core.models import plain
from trx_core.routing import RoutingProblem
from trx_core.testing.algorithms.subject import AlgorithmSubject, breach
from trx_core.testing.checks import CheckFailure
from trx_core.testing.comparing import identical
from trx_core.testing.rounds import LARGE, ROUNDS, SMALL, make_round, rounds
from trx_core.testing.watch import Sightings, watch

__all__ = ["draws_no_hidden_luck", "leaves_alone", "opens_no_door", "reads_no_clock"]

COLUMNS: Final = (
    *("priority", "size", "age", "attempt", "slots", "deadline", "expected_duration"),
    *("region_required", "type_code", "region_code"),
    *("pool_region", "cost_per_unit", "capacity", "free", "load", "breaker"),
    *("latency", "success", "eligible", "region_distance", "cost", "hold"),
)
MANY: Final = 200
ATTRIBUTES: Final = ("tasks", "now", "number", "objective")


def leaves_alone(subject: AlgorithmSubject) -> None:
    """A decision leaves the problem as it was: its columns, tasks, pools and weights are shared
    with whoever judges the decision, metadata and the parameters of a pool's worker included.
    Columns are read-only arrays and stay so.
    """
    algorithm = subject.make()
    for name, problem in rounds():
        before = _snapshot(problem)
        algorithm.route(problem)
        for key, value in _snapshot(problem).items():
            if not identical(value, before[key]):
                raise breach(name, f"it changed problem.{key}")
        for key in COLUMNS:
            if getattr(problem, key).flags.writeable:
                raise breach(name, f"it made problem.{key} writeable")


def reads_no_clock(subject: AlgorithmSubject) -> None:
    """The time is ``problem.now``: virtual in the lab, the same again when a round is replayed. No
    clock of the machine is read, nor slept on, in large rounds or in the hundredth as little as in
    small ones and the first. What compiled code reads by itself, as numpy for
    ``datetime64("now")``, cannot be seen; it is forbidden all the same.
    """
    _refuse("it reads a clock", _watched(subject).clock)


def draws_no_hidden_luck(subject: AlgorithmSubject) -> None:
    """Chance comes from a generator of the algorithm's own, seeded by a parameter: not from the
    global generators of ``random``, numpy or torch, not from the system, not from a generator that
    is made without a seed.
    """
    _refuse("its luck is not its own", _watched(subject).luck)


def opens_no_door(subject: AlgorithmSubject) -> None:
    """A decision opens no file, socket or process, writes to none that is open, asks nothing of the
    system (``os.stat``), prints and logs nothing, and starts no thread: it is taken on the hot path
    and in virtual time. What an algorithm needs, it loads when it is made; what it has to say is
    the ``reason`` of its decision.
    """
    _refuse("it does input or output", _watched(subject).doors)


def _watched(subject: AlgorithmSubject) -> Sightings:
    """What is seen of rounds after the first, which may import what it needs: of such as others
    see, and then, as long as it raises nothing, of a large one and of many small ones.
    """
    algorithm = subject.make()
    algorithm.route(make_round(ROUNDS[0]))
    problems = [problem for _, problem in rounds()]
    more = [make_round(LARGE), *(make_round(SMALL, number) for number in range(1, MANY + 1))]
    with watch() as made:
        subject.make()
    with watch() as seen:
        for problem in problems:
            algorithm.route(problem)
        with suppress(Exception):
            for problem in more:
                algorithm.route(problem)
    seen.luck += made.luck
    return seen


def _refuse(what: str, sightings: list[str]) -> None:
    if sightings:
        raise CheckFailure(f"{what}: {'; '.join(sightings[:3])}")


def _snapshot(problem: RoutingProblem) -> dict[str, Any]:
    kept: dict[str, Any] = {name: np.array(getattr(problem, name)) for name in COLUMNS}
    kept |= {name: copy.copy(getattr(problem, name)) for name in ATTRIBUTES}
    kept["distance"] = copy.deepcopy(problem.distance)
    kept["pools"] = [(view, view.pool.model_dump()) for view in problem.pools]
    kept["tasks.metadata"] = [plain(task.metadata) for task in problem.tasks]
    return kept
