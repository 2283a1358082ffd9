"""Checks of what a worker simulator answers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from trx_core.models import ErrorKind, Outcome
from trx_core.randomness import KeyedRandom
from trx_core.testing.checks import CheckFailure
from trx_core.testing.workers.subject import WorkerSubject, sample, trials

__all__ = ["are_outcomes", "charge", "take_time", "tell_errors"]


def are_outcomes(subject: WorkerSubject) -> None:
    """Every attempt, at whatever task on whatever pool, is answered with an ``Outcome`` whose
    ``success`` is true or false.
    """
    for outcome in _outcomes(subject):
        if not isinstance(outcome, Outcome) or not isinstance(outcome.success, bool):
            raise CheckFailure(f"it returned {outcome!r}. Return an Outcome.")


def take_time(subject: WorkerSubject) -> None:
    """The latency is a finite number of seconds, not negative: it is how long the attempt occupies
    its slots.
    """
    for outcome in _outcomes(subject):
        if not _is_measure(outcome.latency):
            raise CheckFailure(f"an attempt took {outcome.latency!r} seconds")


def charge(subject: WorkerSubject) -> None:
    """The cost is a finite sum of money, not negative; a failed attempt may be charged too."""
    for outcome in _outcomes(subject):
        if not _is_measure(outcome.cost):
            raise CheckFailure(f"an attempt cost {outcome.cost!r}")


def tell_errors(subject: WorkerSubject) -> None:
    """A failed attempt names the kind of its error, an ``ErrorKind``; one that succeeded has
    none.
    """
    for outcome in _outcomes(subject):
        if outcome.success != (outcome.error is None):
            raise CheckFailure(f"an attempt with success={outcome.success} has {outcome.error=!s}")
        if outcome.error is not None and not isinstance(outcome.error, ErrorKind):
            raise CheckFailure(f"the error {outcome.error!r} is no ErrorKind")


def _outcomes(subject: WorkerSubject) -> Iterator[Outcome]:
    simulator, luck = subject.make(), KeyedRandom(1)
    return (sample(simulator, trial, luck) for trial in trials())


def _is_measure(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(value)) and float(value) >= 0  # type: ignore[arg-type]
