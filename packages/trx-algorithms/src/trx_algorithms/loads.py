"""How loaded pools are, as the policies that join the least loaded one see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from trx_core.routing import RoutingProblem

__all__ = ["MEASURES", "Levels"]

MEASURES: Final[Mapping[str, Callable[[RoutingProblem], list[float]]]] = MappingProxyType(
    {
        "slots": lambda problem: [1.0] * len(problem.pools),
        "share": lambda problem: (1.0 / np.maximum(problem.capacity, 1)).tolist(),
    }
)
"""[P] what one occupied slot of a pool counts."""


class Levels:
    """The load of each pool; rises with every task that is placed.

    Attributes:
        of: [P] slots occupied, each counted by the measure.
        step: [P] what a slot counts.
    """

    def __init__(self, problem: RoutingProblem, measure: str) -> None:
        self.step = MEASURES[measure](problem)
        self.of: list[float] = (problem.load * np.array(self.step)).tolist()
        self._slots: list[int] = problem.slots.tolist()

    def rise(self, row: int, pool: int) -> None:
        """A task goes to a pool."""
        self.of[pool] += self.step[pool] * self._slots[row]
