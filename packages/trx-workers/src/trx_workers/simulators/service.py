"""How long an attempt is served: parameters of one task type, and what they compile to."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from trx_core.models import Task
from trx_workers.parameters import Parameters

__all__ = ["MeanService", "Service", "ServiceParameters", "Stretch", "StretchMany"]

Stretch = Callable[[float], float]
"""The inverse distribution function of a service time over its mean: [0, 1) → not negative."""

StretchMany = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""The same of many numbers at once, to the bit."""


class Service(NamedTuple):
    """What is needed to draw an attempt's outcome.

    Attributes:
        seconds: of service of a task, on average; infinity: the pool cannot run it.
        stretch: see :data:`Stretch`.
        stretch_many: see :data:`StretchMany`.
        success: probability.
        permanent: share of the failures.
        timeout: seconds after which the pool gives an attempt up; infinity: never.
    """

    seconds: Callable[[Task], float]
    stretch: Stretch
    stretch_many: StretchMany
    success: float
    permanent: float
    timeout: float


class ServiceParameters(Parameters):
    """What may differ by task type, whatever the distribution.

    Attributes:
        success_rate: probability that an attempt succeeds, all else being well.
        permanent_share: share of the failures by chance that trying again cannot mend.
        timeout: seconds after which the pool gives an attempt up, an error of kind ``timeout``.
    """

    success_rate: float = Field(default=0.99, ge=0, le=1)
    permanent_share: float = Field(default=0.1, ge=0, le=1)
    timeout: float | None = Field(default=None, gt=0, le=1e9)

    @abstractmethod
    def seconds(self) -> Callable[[Task], float]:
        """What tells a task's mean seconds of service."""

    @abstractmethod
    def stretch(self) -> Stretch:
        """The distribution about that mean."""

    def stretch_many(self) -> StretchMany:
        """The same of many numbers at once: faster where a distribution has a way of its own."""
        stretch = self.stretch()
        return lambda u: np.array([stretch(each) for each in u.tolist()], dtype=np.float64)

    @classmethod
    def merged(cls, usual: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What holds for a type of which ``given`` is said, and else as ``usual``."""
        return {**usual, **given}

    def service(self) -> Service:
        """All of it, compiled."""
        return Service(
            seconds=self.seconds(),
            stretch=self.stretch(),
            stretch_many=self.stretch_many(),
            success=self.success_rate,
            permanent=self.permanent_share,
            timeout=float("inf") if self.timeout is None else self.timeout,
        )


class MeanService(ServiceParameters):
    """A mean that grows with the task's cost.

    Attributes:
        mean: seconds of service of a task of cost 0, on average.
        per_cost: seconds that each work unit of a task's cost adds to its mean.
    """

    mean: float = Field(default=1.0, ge=0, le=1e9)
    per_cost: float = Field(default=0.0, ge=0, le=1e6)

    def seconds(self) -> Callable[[Task], float]:
        """``mean + per_cost * cost``."""
        return linear(self.mean, self.per_cost)


def linear(mean: float, per_cost: float) -> Callable[[Task], float]:
    """What tells ``mean + per_cost * cost`` of a task, seconds."""

    def seconds(task: Task) -> float:
        return mean + per_cost * task.cost

    return seconds
