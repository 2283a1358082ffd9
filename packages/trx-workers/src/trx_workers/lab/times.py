"""How long decisions take."""

from __future__ import annotations

from array import array

import numpy as np

from trx_core.engine import Blame, NamedAlgorithm
from trx_core.report import Distribution
from trx_core.report.samples import distribution
from trx_core.routing import Breaker

__all__ = ["Times"]


class Times:
    """A :class:`~trx_core.engine.DecisionWatcher` that keeps the wall-clock seconds of every
    round that an algorithm decided."""

    def __init__(self) -> None:
        self._seconds = array("d")

    def ran(self, algorithm: NamedAlgorithm, seconds: float) -> None:
        """One more."""
        self._seconds.append(seconds)

    def fell_back(self, algorithm: NamedAlgorithm, blame: Blame) -> None:
        """Whoever stands in is not timed."""

    def stands(self, algorithm: NamedAlgorithm, breaker: Breaker) -> None:
        """Breakers take no time."""

    def per_round(self) -> Distribution:
        """Mean and quantiles."""
        return distribution(np.array(self._seconds))
