"""Checks of what a worker simulator's outcomes depend on, and what it does besides."""

from __future__ import annotations

import copy
from dataclasses import replace
from uuid import UUID

from trx_core.randomness import KeyedRandom
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.processes import in_other_processes
from trx_core.testing.watch import Sightings, even_luck, watch
from trx_core.testing.workers.subject import (
    Trial,
    WorkerSubject,
    keyed,
    sample,
    trials,
)

__all__ = [
    "draws_from_what_is_given",
    "forgets",
    "ignores_hashes",
    "leaves_alone",
    "opens_no_door",
    "reads_no_clock",
    "repeats_itself",
]


def leaves_alone(subject: WorkerSubject) -> None:
    """A sample leaves task and pool as they were, metadata and worker parameters included: they are
    shared with the kernel.
    """
    simulator, luck = subject.make(), KeyedRandom(1)
    for trial in trials():
        task, pool = copy.deepcopy(trial.task), trial.pool.model_copy(deep=True)
        sample(simulator, trial, luck)
        if trial.task != task:
            raise CheckFailure(f"it changed the task {task}")
        if trial.pool != pool:
            raise CheckFailure(f"it changed the pool {pool}")


def reads_no_clock(subject: WorkerSubject) -> None:
    """The time is ``now``, virtual in the lab. No clock of the machine is read, nor slept on: the
    engine waits out the latency.
    """
    _refuse("it reads a clock", _watched(subject).clock)


def draws_from_what_is_given(subject: WorkerSubject) -> None:
    """All luck comes from ``rng``, which is keyed by task, attempt and pool: so that both engines
    draw the same, and two policies are compared with the same luck. Not from a global generator,
    not from one of the simulator's own, unless it is made in the call and seeded from ``rng``; nor
    from the task's id, which decides nothing but its key.
    """
    _refuse("its luck does not come from rng", _watched(subject).luck)
    usual, again = _sampled(subject, list(trials())), _sampled(subject, list(trials()))
    renamed = _sampled(subject, list(trials()), renamed=True)
    for trial, *same, other in zip(trials(), usual, again, renamed, strict=True):
        first, second, found = map(repr, (*same, other))
        if first == second != found:
            raise CheckFailure(
                f"an attempt at a task of type {trial.task.type!r} with another id, and the same "
                f"luck, has another outcome: {found}, not {first}"
            )


def opens_no_door(subject: WorkerSubject) -> None:
    """A sample opens no file, socket or process: it is taken in virtual time, thousands a
    second.
    """
    _refuse("it does input or output", _watched(subject).doors)


def repeats_itself(subject: WorkerSubject) -> None:
    """Two simulators that are set up alike give the same outcome, to the bit, to the same attempt
    with the same luck.
    """
    one, two = outcomes_of(subject), outcomes_of(subject)
    _compare(one, two, "has two outcomes with the same luck")


def ignores_hashes(subject: WorkerSubject) -> None:
    """The same attempt has the same outcome, to the bit, in processes whose strings hash otherwise
    (``PYTHONHASHSEED``).
    """
    one, two = in_other_processes([outcomes_of] * 2, subject, ("1", "2"))
    _compare(one, two, "depends on PYTHONHASHSEED")


def forgets(subject: WorkerSubject) -> None:
    """An outcome is the same whatever was sampled before it, so that it does not matter which
    engine, or which runner, asks first. A simulator that warms up or wears out declares
    ``stateful=True``, and then the two engines no longer agree.
    """
    if subject.declared.stateful:
        raise NotApplicable("it declares stateful=True")
    tried = list(trials())
    forwards = [repr(one) for one in _sampled(subject, tried)]
    backwards = [repr(one) for one in _sampled(subject, tried[::-1])]
    _compare(forwards, backwards[::-1], "depends on what was sampled before")


def outcomes_of(subject: WorkerSubject) -> list[str]:
    """The outcomes of every trial, so written that equal means equal to the bit."""
    return [repr(one) for one in _sampled(subject, list(trials()))]


def _sampled(subject: WorkerSubject, tried: list[Trial], *, renamed: bool = False) -> list[object]:
    """The outcomes one after the other; ``renamed``: of the same tasks with other ids."""
    simulator, luck = subject.make(), KeyedRandom(1)
    outcomes: list[object] = []
    for trial in tried:
        task, rng = trial.task, keyed(trial, luck)
        if renamed:
            task = replace(task, id=UUID(int=task.id.int ^ 1))
        with even_luck():
            outcomes.append(simulator.sample(task, trial.pool, trial.now, rng))
    return outcomes


def _watched(subject: WorkerSubject) -> Sightings:
    """What is seen of samples after the first, which may import what it needs."""
    simulator, luck = subject.make(), KeyedRandom(1)
    tried = list(trials())
    sample(simulator, tried[0], luck)
    with watch(given=luck) as seen:
        for trial in tried:
            sample(simulator, trial, luck)
    return seen


def _refuse(what: str, sightings: list[str]) -> None:
    if sightings:
        raise CheckFailure(f"{what}: {'; '.join(sightings[:3])}")


def _compare(one: list[str], two: list[str], what: str) -> None:
    for trial, first, second in zip(trials(), one, two, strict=True):
        if first != second:
            raise CheckFailure(
                f"an attempt at a task of type {trial.task.type!r} on pool {trial.pool.name!r} "
                f"{what}: {first} and {second}"
            )
