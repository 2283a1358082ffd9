"""Traffic whose rate never changes."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from trx_workers.parameters import Parameters, param
from trx_workers.traffic.scenario import PoissonTraffic, RatedParameters

__all__ = ["Steady", "SteadyParameters"]

DEFAULT_COUNT: Final = 2000
"""Tasks when neither a count nor a duration is given."""


class SteadyParameters(RatedParameters):
    """Parameters of steady traffic."""

    rate: float = param(150.0, "arrivals, on average", unit="1/s", gt=0, le=1e6)
    count: int | None = param(None, "tasks in all; null: 2,000 unless a duration is given", ge=0)
    duration: float | None = param(
        None, "how long the traffic lasts; null: until there are `count` tasks", unit="s", ge=0
    )


class Steady(PoissonTraffic[SteadyParameters]):
    """Poisson arrivals at one rate, each task drawn from a mix of types, priorities and regions.

    With the default parameters: 2,000 tasks at 150 a second, which fit the default fleet.

    Args:
        params: as in :class:`SteadyParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = SteadyParameters

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        if self.given.count is None and self.given.duration is None:
            self.given = self.given.model_copy(update={"count": DEFAULT_COUNT})
