"""What may happen to a pool besides service: parameters, all of them optional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from trx_core.models.task import Name
from trx_workers.parameters import Parameters

__all__ = [
    "Brownout",
    "ColdStart",
    "Conditions",
    "Drift",
    "Elastic",
    "Market",
    "Network",
    "Outage",
    "Preemption",
    "Prices",
]

Seconds = Annotated[float, Field(ge=0, le=1e9)]
Span = Annotated[float, Field(ge=0.001, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=1e6)]


class ColdStart(Parameters):
    """Some attempts find no warm worker.

    Attributes:
        probability: that an attempt does.
        mean: seconds that it then waits, on average.
        cv: coefficient of variation of the wait, which is log-normal.
    """

    probability: Share
    mean: Seconds
    cv: float = Field(default=0.5, ge=0, le=100)


class Network(Parameters):
    """Round trips between where a task would like to run and where the pool stands.

    Attributes:
        seconds: region → region → mean seconds; where one direction is not given it is as the
            other.
        otherwise: between regions that are not named.
        within: within a region, and for a task that names none.
        cv: coefficient of variation, log-normal.
    """

    seconds: Mapping[Name, Mapping[Name, Seconds]] = Field(default_factory=dict)
    otherwise: Seconds = 0.0
    within: Seconds = 0.0
    cv: float = Field(default=0.0, ge=0, le=100)


class Spell(Parameters):
    """Spells of random length that begin at random instants.

    Attributes:
        every: mean seconds from one beginning to the next.
        lasts: mean seconds, at most 10 times ``every``.
        group: a name; pools that name the same one have their spells together, if ``every`` is the
            same too. By default a pool has its own.
    """

    every: Span
    lasts: Seconds
    group: str | None = Field(default=None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.lasts > 10 * self.every:
            raise ValueError("lasts must be at most 10 times every")
        return self


class Outage(Spell):
    """Attempts fail that start in a spell or run when it begins; the error is transient.

    Attributes:
        share: of the attempts, that are hit.
        notice: seconds after which an attempt that starts in a spell fails.
    """

    share: Share = 1.0
    notice: Seconds = 0.05


class Brownout(Spell):
    """Attempts that start in a spell take longer.

    Attributes:
        slowdown: how many times as long.
    """

    slowdown: float = Field(ge=1, le=1e6)


class Drift(Parameters):
    """Service times that wander: a factor of mean 1, log-normal.

    Attributes:
        every: seconds in which the factor goes from one value to another, independent one.
        cv: coefficient of variation of the values.
        group: a name; pools that name the same one wander together.
    """

    every: Span
    cv: float = Field(ge=0, le=10)
    group: str | None = Field(default=None, min_length=1, max_length=64)


class Preemption(Parameters):
    """Spot capacity is taken away under running attempts; the error is transient.

    Attributes:
        after: mean seconds that an attempt's slots are left to it, exponential.
    """

    after: Span


class Elastic(Parameters):
    """Capacity follows the load, between ``min`` and the pool's capacity.

    Every ``look`` seconds ``busy / target`` slots are wanted. More are there after ``up_delay``; if
    fewer were wanted throughout ``down_delay``, the most of those are kept.

    Attributes:
        min: slots that are always there; the pool begins with them.
        target: share of the slots that should be busy.
        look: seconds between looks, which are taken at multiples of it.
        up_delay: seconds from the wish for more slots to having them.
        down_delay: seconds that slots are kept though they are not wanted.
    """

    min: int = Field(default=1, ge=1, le=1_000_000)
    target: float = Field(default=0.8, ge=0.01, le=0.99)
    look: Span = 15.0
    up_delay: Seconds = 60.0
    down_delay: Seconds = 300.0


class Market(Parameters):
    """A price that is drawn anew again and again: a log-normal factor of mean 1.

    Attributes:
        every: seconds that a price holds.
        cv: coefficient of variation.
        group: a name; pools that name the same one have one market.
    """

    every: Span
    cv: float = Field(ge=0, le=10)
    group: str | None = Field(default=None, min_length=1, max_length=64)


class Prices(Parameters):
    """Factors of the pool's ``cost_per_unit``.

    Attributes:
        by_hour: 24, for the hours of the day in UTC.
        market: one that changes by chance.
    """

    by_hour: Sequence[Factor] | None = Field(default=None, min_length=24, max_length=24)
    market: Market | None = None


class Conditions(Parameters):
    """What holds for all task types of a pool.

    Attributes:
        cold_start: waits for a worker to start.
        network: round trips between regions.
        outages: spells in which attempts fail.
        brownouts: spells in which they are slow.
        drift: service times that wander.
        preemption: of running attempts.
        elastic: capacity that follows the load.
        capacity_by_hour: 24 shares of the capacity, for the hours of the day in UTC.
        prices: that change over time.
        queue: slots of the capacity that are places in line at the pool: the others serve.
    """

    cold_start: ColdStart | None = None
    network: Network | None = None
    outages: Sequence[Outage] = ()
    brownouts: Sequence[Brownout] = ()
    drift: Drift | None = None
    preemption: Preemption | None = None
    elastic: Elastic | None = None
    capacity_by_hour: Sequence[Share] | None = Field(default=None, min_length=24, max_length=24)
    prices: Prices | None = None
    queue: int = Field(default=0, ge=0, le=1_000_000)
