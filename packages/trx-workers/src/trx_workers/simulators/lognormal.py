"""A worker whose service time is log-normal."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, Final, NamedTuple

from pydantic import Field

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.parameters import Parameters

__all__ = ["LogNormal", "LogNormalParameters", "TypeParameters"]

_NORMAL: Final = NormalDist()
_LEAST: Final = 2.0**-54
"""Stands in for a uniform number of 0, which has no normal quantile."""


class TypeParameters(Parameters):
    """What one task type does differently; what is not given is as the pool has it.

    Attributes:
        mean: see :class:`LogNormalParameters`, as the others.
    """

    mean: float | None = Field(default=None, ge=0, le=1e9)
    cv: float | None = Field(default=None, ge=0, le=100)
    per_cost: float | None = Field(default=None, ge=0, le=1e6)
    success_rate: float | None = Field(default=None, ge=0, le=1)
    permanent_share: float | None = Field(default=None, ge=0, le=1)


class LogNormalParameters(Parameters):
    """Parameters of a pool's worker.

    Attributes:
        mean: seconds of service of a task of cost 0, on average.
        cv: coefficient of variation (standard deviation over mean); 0 makes every service time
            equal to its mean.
        per_cost: seconds that each work unit of a task's cost adds to its mean.
        success_rate: probability that an attempt succeeds.
        permanent_share: share of the failures that trying again cannot mend.
        by_type: task type → what differs for it.
    """

    mean: float = Field(default=1.0, ge=0, le=1e9)
    cv: float = Field(default=0.5, ge=0, le=100)
    per_cost: float = Field(default=0.0, ge=0, le=1e6)
    success_rate: float = Field(default=0.99, ge=0, le=1)
    permanent_share: float = Field(default=0.1, ge=0, le=1)
    by_type: Mapping[str, TypeParameters] = Field(default_factory=dict)


class _Service(NamedTuple):
    mean: float
    per_cost: float
    sigma: float
    success: float
    permanent: float


class LogNormal:
    """Log-normal service time, as measured in clusters (D. Feitelson, "Workload Modeling for
    Computer Systems Performance Evaluation", 2015, chapter 3), and failures by chance.

    An attempt at a task of cost ``c`` takes ``m · exp(s·z - s²/2)`` seconds, where
    ``m = mean + per_cost · c``, ``s² = ln(1 + cv²)`` and ``z`` is standard normal: its mean is
    ``m`` and its coefficient of variation ``cv``. It succeeds with probability ``success_rate``;
    a failure is permanent with probability ``permanent_share``, else transient. A failed attempt
    takes as long as one that succeeds, and costs as much: ``task.cost · pool.cost_per_unit``.

    Every attempt draws three uniform numbers, for success, permanence and time, in this order,
    each put through its inverse distribution: whoever is lucky on one pool is as lucky on another.

    Args:
        params: as in :class:`LogNormalParameters`, by name.

    Raises:
        ValueError: naming each parameter that is wrong.
    """

    def __init__(self, **params: Any) -> None:
        given = LogNormalParameters.parse(params)
        self._usual = _service(given)
        self._by_type = {
            name: _service(given.model_copy(update=other.model_dump(exclude_none=True)))
            for name, other in given.by_type.items()
        }

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        """Draw the outcome of one attempt."""
        service = self._by_type.get(task.type, self._usual)
        success = rng.random() < service.success
        permanent = rng.random() < service.permanent
        z = _NORMAL.inv_cdf(rng.random() or _LEAST)
        stretch = math.exp(service.sigma * (z - 0.5 * service.sigma))
        latency = (service.mean + service.per_cost * task.cost) * stretch
        cost = task.cost * pool.cost_per_unit
        if success:
            return Outcome(latency, True, cost)
        error = ErrorKind.PERMANENT if permanent else ErrorKind.TRANSIENT
        return Outcome(latency, False, cost, error, f"simulated {error} failure")


def _service(given: LogNormalParameters) -> _Service:
    return _Service(
        mean=given.mean,
        per_cost=given.per_cost,
        sigma=math.sqrt(math.log1p(given.cv**2)),
        success=given.success_rate,
        permanent=given.permanent_share,
    )
