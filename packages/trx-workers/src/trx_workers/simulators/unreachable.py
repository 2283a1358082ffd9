"""A worker that nothing can reach."""

from __future__ import annotations

import random
from typing import Any, ClassVar

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.parameters import Parameters, param

__all__ = ["Unreachable", "UnreachableParameters"]


class UnreachableParameters(Parameters):
    """Parameters of a pool's worker."""

    after: float = param(1.0, "how long an attempt takes until it fails", unit="s", ge=0, le=1e6)


class Unreachable:
    """Every attempt fails and costs nothing; trying again may help, elsewhere or later.

    Args:
        params: as in :class:`UnreachableParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = UnreachableParameters

    def __init__(self, **params: Any) -> None:
        self._after = UnreachableParameters.parse(params).after

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        """The outcome of every attempt."""
        return Outcome(self._after, False, 0.0, ErrorKind.TRANSIENT, "the pool does not answer")
