"""Steady traffic of tasks that are not alike: heavy tails, priorities, poison."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Self

from pydantic import model_validator

from trx_core.engine import FAILS
from trx_core.models import ErrorKind
from trx_core.protocols import Arrival
from trx_workers.parameters import Parameters, param
from trx_workers.traffic.mix import Kind, Mix, Priority, Weight
from trx_workers.traffic.scenario import PoissonTraffic, RatedParameters

__all__ = [
    "HeavyTailed",
    "HeavyTailedParameters",
    "Poison",
    "PoisonParameters",
    "PriorityMix",
    "PriorityMixParameters",
]

URGENT: Final[Mapping[int, float]] = {1: 50.0, 5: 40.0, 10: 10.0}


class HeavyTailedParameters(RatedParameters):
    """Parameters of traffic with heavy-tailed sizes."""

    tail: float = param(
        1.5, "tail index of the sizes; at 2 and below their variance is infinite", gt=1, le=100
    )


class HeavyTailed(PoissonTraffic[HeavyTailedParameters]):
    """Poisson arrivals of tasks whose cost is Pareto: ``P(cost > x) = (least/x)^tail`` with
    ``least = mean · (tail - 1)/tail``, so that each type keeps the mean cost of the mix. A type
    that the mix gives a ``tail`` of its own keeps that.

    Args:
        params: as in :class:`HeavyTailedParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = HeavyTailedParameters

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        tail = self.given.tail
        mix = {
            name: _changed(kind, tail=kind.tail or tail) for name, kind in self.given.mix.items()
        }
        self.mix = Mix(self.given.model_copy(update={"mix": mix}))


class PriorityMixParameters(RatedParameters):
    """Parameters of traffic with a mix of priorities."""

    rate: float = param(150.0, "arrivals, on average", unit="1/s", gt=0, le=1e6)
    priorities: Mapping[Priority, Weight] = param(
        lambda: dict(URGENT),
        "priority → how often a task has it, relative to the others, whatever its type",
        min_length=1,
    )

    @model_validator(mode="after")
    def _some_weigh(self) -> Self:
        if not sum(self.priorities.values()) > 0:
            raise ValueError("priorities: the weights must not all be 0")
        return self


class PriorityMix(PoissonTraffic[PriorityMixParameters]):
    """Poisson arrivals, mostly of tasks that can wait and some that cannot.

    Args:
        params: as in :class:`PriorityMixParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = PriorityMixParameters

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        priorities = self.given.priorities
        mix = {name: _changed(kind, priorities=priorities) for name, kind in self.given.mix.items()}
        self.mix = Mix(self.given.model_copy(update={"mix": mix}))


class PoisonParameters(RatedParameters):
    """Parameters of traffic with poison in it."""

    share: float = param(0.02, "share of the tasks that never succeed", ge=0, le=1)
    kind: ErrorKind = param(
        ErrorKind.TRANSIENT, "how each of their attempts fails: transient, timeout or permanent"
    )


class Poison(PoissonTraffic[PoisonParameters]):
    """Poisson arrivals, among them tasks that fail at every attempt, on whichever simulated worker,
    until they are dead letters. Their metadata say so, under ``trx.fails``.

    Args:
        params: as in :class:`PoisonParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = PoisonParameters

    def generate(self, times: random.Random, tasks: random.Random) -> Iterator[Arrival]:
        """The tasks of the mix, each of which may be poison."""
        metadata = {FAILS: str(self.given.kind)}
        for at in self.instants(times):
            request = self.mix.draw(tasks)
            if times.random() < self.given.share:
                request = request.model_copy(update={"metadata": dict(metadata)})
            yield Arrival(at, request)


def _changed(kind: Kind, **changes: Any) -> Kind:
    return kind.model_copy(update=changes)
