"""The worker simulators: a distribution of service times, and the pool's conditions about it."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_core.protocols import PoolState, Sampler
from trx_workers.simulators.batch import sampler
from trx_workers.simulators.reading import BY_TYPE, read
from trx_workers.simulators.service import ServiceParameters
from trx_workers.weather.changes import Changes
from trx_workers.weather.climate import Climate
from trx_workers.weather.parameters import Conditions

__all__ = ["Simulated"]

_OF_POOL: Final = ("elastic", "capacity_by_hour", "prices", "queue")
_OF_ATTEMPTS: Final = tuple(name for name in Conditions.model_fields if name not in _OF_POOL)


class Simulated:
    """A worker whose attempts take random times and fail by chance, under the pool's conditions.

    An attempt at a task takes ``seconds(task) · stretch(u)`` seconds, where ``seconds`` is the mean
    and ``stretch`` the inverse distribution function about it, of mean 1. It succeeds with
    probability ``success_rate``; a failure is permanent with probability ``permanent_share``, else
    transient. A failed attempt takes as long as one that succeeds and costs as much,
    ``task.cost · pool.cost_per_unit``; one that is cut short costs its share of that.

    Every attempt draws uniform numbers for success, permanence and time, in this order, and under
    conditions five more, each put through its inverse distribution. They are a function of seed,
    task, attempt and the pool's name: a policy that places the task there meets the same luck,
    whatever else it does, and luck on one pool tells nothing of luck on another. The weather is a
    function of seed, pool (or group) and time.

    Args:
        params: as in :attr:`service` and :class:`~trx_workers.weather.parameters.Conditions`, by
            name; and ``by_type``, task type → what differs for it of the former.

    Raises:
        InvalidParameters: a ``ValueError``, naming each parameter that is wrong.
    """

    service: ClassVar[type[ServiceParameters]]
    parameters: ClassVar[type[BaseModel]]
    """What it takes, for people: of the service, of the pool's conditions, and ``by_type``."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        by_type: Any = (Mapping[str, Mapping[str, Any]], Field(default_factory=dict))
        cls.parameters = create_model(
            f"{cls.__name__}Parameters", __base__=(cls.service, Conditions), **{BY_TYPE: by_type}
        )

    def __init__(self, **params: Any) -> None:
        self._usual, self._by_type, self._conditions = read(self.service, params)
        self._calm = not any(getattr(self._conditions, name) for name in _OF_ATTEMPTS)
        self._steady = not any(getattr(self._conditions, name) for name in _OF_POOL)
        self._seed = 0
        self._climates: dict[UUID, Climate] = {}
        self._changes: dict[UUID, Changes] = {}

    def seeded(self, seed: int) -> None:
        """Take the seed of the run's weather."""
        self._seed = seed
        self._climates.clear()
        self._changes.clear()

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        """Draw the outcome of one attempt."""
        service = self._by_type.get(task.type, self._usual)
        success = rng.random() < service.success
        permanent = rng.random() < service.permanent
        seconds = service.seconds(task)
        if seconds == math.inf:
            return Outcome(0.0, False, 0.0, ErrorKind.TRANSIENT, "this task cannot run here")
        latency = seconds * service.stretch(rng.random())
        cut = None
        if not self._calm:
            latency, cut = self._meet(task, pool, now, rng, latency)
        if latency > service.timeout and (cut is None or service.timeout <= cut.after):
            cut = _Cut(service.timeout, ErrorKind.TIMEOUT, f"gave up after {service.timeout:g} s")
        cost = task.cost * pool.cost_per_unit
        if cut is not None:
            share = cut.after / latency if latency else 0.0
            return Outcome(cut.after, False, min(1.0, share) * cost, cut.error, cut.why)
        if success:
            return Outcome(latency, True, cost)
        error = ErrorKind.PERMANENT if permanent else ErrorKind.TRANSIENT
        return Outcome(latency, False, cost, error, f"simulated {error} failure")

    def sample_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler | None:
        """What draws the outcomes of many attempts, unless the pool has conditions."""
        if not (self._calm and self._steady):
            return None
        return sampler(self._usual, self._by_type, tasks, pool.cost_per_unit)

    def misfits(self, pool: WorkerPool) -> list[tuple[str, str]]:
        """Parameters that a pool of this capacity cannot have: path, dotted, and range. One that is
        drained may have any."""
        most, queue, elastic = pool.capacity, self._conditions.queue, self._conditions.elastic
        found = []
        if most and queue >= most:
            found.append(
                ("queue", f"{queue} leaves no slot of {most} to serve; take 0 to {most - 1}")
            )
        if most and elastic is not None and elastic.min > most:
            found.append(
                ("elastic.min", f"{elastic.min} is more than the capacity; take 1 to {most}")
            )
        return found

    def servers(self, pool: WorkerPool) -> int:
        """Slots of the pool that serve at once; the others are places in line."""
        return max(1, pool.capacity - self._conditions.queue)

    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        """The pool's capacity and price from ``now`` on."""
        if self._steady:
            return PoolState(pool, math.inf)
        changes = self._changes.get(pool.id)
        if changes is None:
            changes = self._changes[pool.id] = Changes(self._conditions, pool, self._seed)
        return changes.state(pool, busy, now, before)

    def _meet(
        self, task: Task, pool: WorkerPool, now: float, rng: random.Random, latency: float
    ) -> tuple[float, _Cut | None]:
        """How long an attempt takes under the pool's conditions, and what cuts it short."""
        climate = self._climates.get(pool.id)
        if climate is None:
            climate = self._climates[pool.id] = Climate(self._conditions, pool, self._seed)
        cold, wait, trip = rng.random(), rng.random(), rng.random()
        luck, reclaim = rng.random(), rng.random()
        notice = climate.outage(now, luck)
        if notice is not None:
            return math.inf, _Cut(notice, ErrorKind.TRANSIENT, "simulated outage")
        latency = latency * climate.slowdown(now) + climate.delay(task.region, cold, wait, trip)
        cut = climate.cut(now, latency, luck, reclaim)
        return latency, cut and _Cut(cut[0], ErrorKind.TRANSIENT, cut[1])


class _Cut(NamedTuple):
    """After how many seconds an attempt is cut short, and why."""

    after: float
    error: ErrorKind
    why: str
