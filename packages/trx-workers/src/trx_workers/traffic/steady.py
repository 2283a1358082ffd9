"""Traffic whose rate never changes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import Field, model_validator

from trx_core.models import MAX_COST, MAX_SLOTS, PRIORITIES, TaskRequest
from trx_core.models.task import Name
from trx_core.protocols import Arrival
from trx_workers.parameters import Parameters

__all__ = ["Kind", "Steady", "SteadyParameters"]

Weight = Annotated[float, Field(ge=0)]
Priority = Annotated[int, Field(ge=PRIORITIES.start, lt=PRIORITIES.stop)]

DEFAULT_COUNT: Final = 2000
"""Tasks when neither a count nor a duration is given."""


class Kind(Parameters):
    """One of the task types in the mix.

    Attributes:
        weight: how often it comes, relative to the others.
        cost: mean work units.
        cv: coefficient of variation of the cost, which is log-normal.
        priorities: priority → how often it has it, relative to the others.
        slots: slots that each of its tasks occupies.
        resource_type: the only resource type it can run on; ``None`` is any.
        deadline_seconds: after how long its result is no longer worth having.
    """

    weight: Weight = 1.0
    cost: float = Field(default=1.0, ge=0, le=MAX_COST)
    cv: float = Field(default=0.5, ge=0, le=10)
    priorities: Mapping[Priority, Weight] = Field(default_factory=lambda: {5: 1.0}, min_length=1)
    slots: int = Field(default=1, ge=1, le=MAX_SLOTS)
    resource_type: Name | None = None
    deadline_seconds: float | None = Field(default=None, gt=0, le=MAX_COST)


DEFAULT_MIX: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "web": Kind(weight=50, cost=0.5, priorities={6: 5, 8: 3, 10: 1}),
        "report": Kind(weight=30, cost=2.0, priorities={3: 2, 5: 3, 7: 1}),
        "render": Kind(weight=17, cost=4.0, priorities={4: 2, 7: 1}, resource_type="gpu"),
        "train": Kind(weight=3, cost=8.0, priorities={1: 2, 2: 1}, slots=2, resource_type="gpu"),
    }
)
DEFAULT_REGIONS: Final[Mapping[str, float]] = MappingProxyType(
    {"eu-west": 4.0, "us-east": 4.0, "ap-south": 1.0}
)


class SteadyParameters(Parameters):
    """Parameters of steady traffic.

    Attributes:
        rate: arrivals a second, on average.
        count: tasks in all; 2,000 unless a duration is given.
        duration: seconds in all. With a count too, the traffic ends at whichever comes first.
        mix: task type → its kind.
        regions: region → how often a task asks for it, relative to the others.
        anywhere: share of the tasks that name no region.
    """

    rate: float = Field(default=150.0, gt=0, le=1e6)
    count: int | None = Field(default=None, ge=0)
    duration: float | None = Field(default=None, ge=0)
    mix: Mapping[Name, Kind] = Field(default_factory=lambda: DEFAULT_MIX, min_length=1)
    regions: Mapping[Name, Weight] = Field(default_factory=lambda: DEFAULT_REGIONS)
    anywhere: float = Field(default=0.1, ge=0, le=1)

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        if not sum(kind.weight for kind in self.mix.values()) > 0:
            raise ValueError("mix: the weights must not all be 0")
        for name, kind in self.mix.items():
            if not sum(kind.priorities.values()) > 0:
                raise ValueError(f"mix.{name}.priorities: the weights must not all be 0")
        if self.anywhere < 1 and not sum(self.regions.values()) > 0:
            raise ValueError("regions: name one with a weight above 0, or let anywhere be 1")
        return self


class _Stream(NamedTuple):
    kind: Kind
    name: str
    sigma: float
    priorities: tuple[int, ...]
    odds: list[float]


class Steady:
    """Poisson arrivals at one rate, each task drawn from a mix of types, priorities and regions.

    With the default parameters: 2,000 tasks at 150 a second, which fit the default fleet.

    Args:
        params: as in :class:`SteadyParameters`, by name.

    Raises:
        ValueError: naming each parameter that is wrong.
    """

    def __init__(self, **params: Any) -> None:
        given = self._given = SteadyParameters.parse(params)
        self._streams = [_stream(name, kind) for name, kind in given.mix.items()]
        self._weights = list(accumulate(kind.weight for kind in given.mix.values()))
        self._regions = list(given.regions)
        self._region_weights = list(accumulate(given.regions.values()))
        count, duration = given.count, given.duration
        if count is None and duration is None:
            count = DEFAULT_COUNT
        self._count = math.inf if count is None else count
        self._duration = math.inf if duration is None else duration

    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        """The traffic, in order of time."""
        at, sent = 0.0, 0
        while sent < self._count:
            at += rng.expovariate(self._given.rate)
            if at > self._duration:
                return
            yield Arrival(at, self._draw(rng))
            sent += 1

    def _draw(self, rng: random.Random) -> TaskRequest:
        stream = rng.choices(self._streams, cum_weights=self._weights)[0]
        priority = rng.choices(stream.priorities, cum_weights=stream.odds)[0]
        spread = math.exp(rng.normalvariate(-0.5 * stream.sigma**2, stream.sigma))
        cost = min(MAX_COST, round(stream.kind.cost * spread, 3))
        region = None
        if rng.random() >= self._given.anywhere:
            region = rng.choices(self._regions, cum_weights=self._region_weights)[0]
        return TaskRequest(
            type=stream.name,
            priority=priority,
            cost=cost,
            region=region,
            slots=stream.kind.slots,
            resource_type=stream.kind.resource_type,
            deadline_seconds=stream.kind.deadline_seconds,
        )


def _stream(name: str, kind: Kind) -> _Stream:
    return _Stream(
        kind=kind,
        name=name,
        sigma=math.sqrt(math.log1p(kind.cv**2)),
        priorities=tuple(kind.priorities),
        odds=list(accumulate(kind.priorities.values())),
    )
