"""A worker that behaves as a pool's history says: what ``trx fit`` writes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import Annotated, Any, ClassVar, Final, NamedTuple

from pydantic import Field, field_validator

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.parameters import Parameters

__all__ = ["ErrorFit", "Fitted", "FittedParameters", "Law", "TypeFit", "stretch_of"]

_NORMAL: Final = NormalDist()
_LEAST: Final = 2.0**-54
_MOST: Final = 1.0 - 2.0**-53

Quantiles = Annotated[Sequence[Annotated[float, Field(ge=0, le=1e12)]], Field(max_length=10_001)]
Stretch = Callable[[float], float]


class Law(StrEnum):
    """A distribution of service times about their mean."""

    DETERMINISTIC = "deterministic"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    WEIBULL = "weibull"
    EMPIRICAL = "empirical"


def _rising(values: Sequence[float]) -> Sequence[float]:
    if any(one > two for one, two in pairwise(values)):
        raise ValueError("quantiles must not fall")
    return values


class ErrorFit(Parameters):
    """One kind of failure.

    Attributes:
        share: of the failures.
        seconds: quantiles of how long such an attempt takes, at evenly spaced probabilities from 0
            to 1; a single one stands for all.
    """

    share: float = Field(ge=0, le=1)
    seconds: Annotated[Quantiles, Field(min_length=1)]

    _seconds_rise = field_validator("seconds")(_rising)


class TypeFit(Parameters):
    """How attempts at one type of task go.

    Attributes:
        law: of the service time of attempts that succeed, about its mean.
        mean: seconds of service of a task of cost 0, on average.
        per_cost: seconds that each work unit of a task's cost adds to its mean.
        cv: coefficient of variation of ``lognormal`` and ``gamma``.
        shape: of ``weibull``.
        quantiles: of ``empirical``: service time over its mean, at evenly spaced probabilities from
            0 to 1.
        success: probability that an attempt succeeds.
        errors: kind of failure → how often, and how long it takes; the shares add up to 1 where
            there is any.
        charge: money that a success costs, over the price ``task.cost · pool.cost_per_unit``.
        failed_charge: the same of a failure.
    """

    law: Law = Law.EXPONENTIAL
    mean: float = Field(default=1.0, ge=0, le=1e9)
    per_cost: float = Field(default=0.0, ge=0, le=1e9)
    cv: float = Field(default=1.0, ge=0, le=1000)
    shape: float = Field(default=1.0, ge=0.01, le=1000)
    quantiles: Annotated[Quantiles, Field(min_length=2)] = (1.0, 1.0)
    success: float = Field(default=1.0, ge=0, le=1)
    errors: Mapping[ErrorKind, ErrorFit] = Field(default_factory=dict)
    charge: float = Field(default=1.0, ge=0, le=1e9)
    failed_charge: float = Field(default=1.0, ge=0, le=1e9)

    _quantiles_rise = field_validator("quantiles")(_rising)


class FittedParameters(Parameters):
    """Parameters of a pool's worker.

    Attributes:
        usual: of types that are not named.
        by_type: task type → how attempts at it go.
    """

    usual: TypeFit = Field(default_factory=TypeFit)
    by_type: Mapping[str, TypeFit] = Field(default_factory=dict)


class _Failure(NamedTuple):
    below: float
    kind: ErrorKind
    seconds: Stretch


class _Compiled(NamedTuple):
    fit: TypeFit
    stretch: Stretch
    failures: Sequence[_Failure]


class Fitted:
    """Service times and failures as they were fitted to a pool's history, type by type.

    An attempt at a task of cost ``c`` that succeeds takes ``(mean + per_cost · c) · x`` seconds,
    where ``x`` has the mean 1 and follows the law; one that fails takes as long as failures of its
    kind did. Every attempt draws three uniform numbers, for success, the kind of failure and time,
    in this order, each put through its inverse distribution.

    Args:
        params: as in :class:`FittedParameters`, by name.

    Raises:
        ValueError: naming each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = FittedParameters

    def __init__(self, **params: Any) -> None:
        given = FittedParameters.parse(params)
        self._usual = _compiled(given.usual)
        self._by_type = {name: _compiled(fit) for name, fit in given.by_type.items()}

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        """Draw the outcome of one attempt."""
        fit, stretch, failures = self._by_type.get(task.type, self._usual)
        success, kind, time = rng.random(), rng.random(), rng.random()
        price = task.cost * pool.cost_per_unit
        if success < fit.success:
            seconds = (fit.mean + fit.per_cost * task.cost) * stretch(time)
            return Outcome(seconds, True, price * fit.charge)
        for failure in failures:
            if kind < failure.below:
                break
        detail = f"simulated {failure.kind} failure"
        return Outcome(
            failure.seconds(time), False, price * fit.failed_charge, failure.kind, detail
        )


def stretch_of(fit: TypeFit) -> Stretch:
    """The inverse distribution function of a service time over its mean, on [0, 1)."""
    return _STRETCH[fit.law](fit)


def _lognormal(fit: TypeFit) -> Stretch:
    sigma = math.sqrt(math.log1p(fit.cv**2))
    return lambda u: math.exp(sigma * (_NORMAL.inv_cdf(min(u, _MOST) or _LEAST) - 0.5 * sigma))


def _gamma(fit: TypeFit) -> Stretch:
    from scipy.special import gammaincinv

    if fit.cv == 0:
        return _always
    shape = 1.0 / fit.cv**2
    return lambda u: float(gammaincinv(shape, min(u, _MOST))) / shape


def _weibull(fit: TypeFit) -> Stretch:
    power = 1.0 / fit.shape
    scale = 1.0 / math.gamma(1.0 + power)
    return lambda u: scale * float(-math.log1p(-min(u, _MOST))) ** power


def _between(values: Sequence[float]) -> Stretch:
    """Straight lines between quantiles at evenly spaced probabilities."""
    last = len(values) - 1

    def inverse(u: float) -> float:
        place = u * last
        left = min(int(place), last - 1)
        return values[left] + (place - left) * (values[left + 1] - values[left])

    return inverse if last else lambda u: values[0]


def _always(u: float) -> float:
    return 1.0


_STRETCH: Final[Mapping[Law, Callable[[TypeFit], Stretch]]] = {
    Law.DETERMINISTIC: lambda fit: _always,
    Law.EXPONENTIAL: lambda fit: lambda u: -math.log1p(-min(u, _MOST)),
    Law.LOGNORMAL: _lognormal,
    Law.GAMMA: _gamma,
    Law.WEIBULL: _weibull,
    Law.EMPIRICAL: lambda fit: _between(fit.quantiles),
}


def _compiled(fit: TypeFit) -> _Compiled:
    shares = list(accumulate(error.share for error in fit.errors.values()))
    total = shares[-1] if shares else 0.0
    failures = [
        _Failure(below / total, kind, _between(error.seconds))
        for below, (kind, error) in zip(shares, fit.errors.items(), strict=True)
        if total > 0
    ]
    instant = _Failure(1.0, ErrorKind.TRANSIENT, lambda u: 0.0)
    return _Compiled(fit, stretch_of(fit), failures or [instant])
