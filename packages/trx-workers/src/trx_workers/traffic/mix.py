"""What a task of the traffic is like: types, priorities, sizes and regions, drawn from a mix."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, model_validator

from trx_core.models import MAX_COST, MAX_SLOTS, PRIORITIES, TaskRequest
from trx_core.models.task import Name
from trx_workers.parameters import Parameters, param

__all__ = ["DEFAULT_MIX", "DEFAULT_REGIONS", "Kind", "Mix", "MixParameters", "Priority", "Weight"]

Weight = Annotated[float, Field(ge=0)]
Priority = Annotated[int, Field(ge=PRIORITIES[0], le=PRIORITIES[-1])]


class Kind(Parameters):
    """One of the task types in the mix.

    Attributes:
        weight: how often it comes, relative to the others.
        cost: mean work units.
        cv: coefficient of variation of the cost, which is log-normal.
        tail: exponent of a Pareto distribution that the cost has instead, above 1; the lower, the
            heavier the tail: at 2 and below the variance is infinite.
        priorities: priority → how often it has it, relative to the others.
        slots: slots that each of its tasks occupies.
        resource_type: the only resource type it can run on; ``None`` is any.
        region_required: whether one that names a region may run only there.
        deadline_seconds: after how long its result is no longer worth having.
    """

    weight: Weight = 1.0
    cost: float = Field(default=1.0, ge=0, le=MAX_COST)
    cv: float = Field(default=0.5, ge=0, le=10)
    tail: float | None = Field(default=None, gt=1, le=100)
    priorities: Mapping[Priority, Weight] = Field(default_factory=lambda: {5: 1.0}, min_length=1)
    slots: int = Field(default=1, ge=1, le=MAX_SLOTS)
    resource_type: Name | None = None
    region_required: bool = False
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


class MixParameters(Parameters):
    """What the tasks of the traffic are like."""

    mix: Mapping[Name, Kind] = param(
        lambda: dict(DEFAULT_MIX), "task type → what its tasks are like", min_length=1
    )
    regions: Mapping[Name, Weight] = param(
        lambda: dict(DEFAULT_REGIONS),
        "region → how often a task asks for it, relative to the others",
    )
    anywhere: float = param(0.1, "share of the tasks that name no region", ge=0, le=1)

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


class Mix:
    """Draws tasks from a mix; with the same numbers the same tasks, whenever they arrive.

    Args:
        given: what they are like.
    """

    def __init__(self, given: MixParameters) -> None:
        self._anywhere = given.anywhere
        self._streams = [_stream(name, kind) for name, kind in given.mix.items()]
        self._weights = list(accumulate(kind.weight for kind in given.mix.values()))
        self._regions = list(given.regions)
        self._region_weights = list(accumulate(given.regions.values()))

    def draw(self, rng: random.Random) -> TaskRequest:
        """The next task."""
        stream = rng.choices(self._streams, cum_weights=self._weights)[0]
        kind = stream.kind
        priority = rng.choices(stream.priorities, cum_weights=stream.odds)[0]
        size = _pareto(kind.cost, kind.tail, rng) if kind.tail else _lognormal(stream, rng)
        region = None
        if rng.random() >= self._anywhere:
            region = rng.choices(self._regions, cum_weights=self._region_weights)[0]
        return TaskRequest(
            type=stream.name,
            priority=priority,
            cost=min(MAX_COST, round(size, 3)),
            region=region,
            slots=kind.slots,
            resource_type=kind.resource_type,
            deadline_seconds=kind.deadline_seconds,
            region_required=kind.region_required and region is not None,
        )


def _stream(name: str, kind: Kind) -> _Stream:
    return _Stream(
        kind=kind,
        name=name,
        sigma=math.sqrt(math.log1p(kind.cv**2)),
        priorities=tuple(kind.priorities),
        odds=list(accumulate(kind.priorities.values())),
    )


def _lognormal(stream: _Stream, rng: random.Random) -> float:
    sigma = stream.sigma
    return stream.kind.cost * math.exp(rng.normalvariate(-0.5 * sigma**2, sigma))


def _pareto(mean: float, tail: float, rng: random.Random) -> float:
    """P(X > x) = (least / x)^tail, where ``least`` makes the mean right."""
    least = mean * (tail - 1.0) / tail
    return float(least * (1.0 - rng.random()) ** (-1.0 / tail))
