"""What one asks for: a scenario, its parameters, and bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from trx_core.models import Disruption
from trx_core.models.task import Name
from trx_core.plugins import Registry
from trx_core.protocols import Arrival
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.sources import scenario_arrivals, scenario_disruptions

__all__ = ["SimulationRequest", "Traffic", "build_traffic"]

MOST_TASKS: Final = 1_000_000
LONGEST: Final = 86_400.0


class SimulationRequest(BaseModel):
    """Traffic to simulate.

    Attributes:
        scenario: name of a traffic pattern.
        params: of the pattern.
        seed: of its random numbers.
        speed: seconds of the traffic's time per second of the clock, 0.001 to 100,000.
        max_tasks: it ends after so many tasks, 1 to 1,000,000.
        max_seconds: it ends after so many seconds of the clock, up to a day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    scenario: Name
    params: dict[str, Any] = Field(default_factory=dict)
    seed: int = Field(default=0, ge=-(2**63), lt=2**63)
    speed: float = Field(default=1.0, ge=0.001, le=100_000)
    max_tasks: int = Field(default=10_000, ge=1, le=MOST_TASKS)
    max_seconds: float = Field(default=600.0, gt=0, le=LONGEST)


class Traffic(NamedTuple):
    """A scenario that has been made.

    Attributes:
        arrivals: begins the traffic; runs the scenario's code, as every step of it does.
        disruptions: what befalls the pools, in seconds since the start of the traffic.
    """

    arrivals: Callable[[], Iterator[Arrival]]
    disruptions: Sequence[Disruption]


def build_traffic(registry: Registry, request: SimulationRequest) -> Traffic:
    """Make a scenario; runs its code.

    Raises:
        CallerError: ``TRX-C120``, there is none of that name; ``TRX-C111``, it does not take these
            parameters.
        PluginError: it cannot be imported or made, or raised when it was asked for its disruptions.
    """
    spec = registry.scenario(request.scenario)
    params: Mapping[str, Any] = request.params
    made = spec.build(params)
    luck = KeyedRandom(request.seed).at(Purpose.TRAFFIC)
    arrivals = partial(scenario_arrivals, spec, made, luck)
    return Traffic(arrivals, scenario_disruptions(spec, made))
