"""Worker simulators that each break one rule, and some that break none."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_core.protocols import PoolState, Sampler, Samples


class Plain:
    """Exponential service, and one failure in ten."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        latency = rng.expovariate(1.0)
        cost = task.cost * pool.cost_per_unit
        if rng.random() < 0.1:
            return Outcome(latency, False, cost, ErrorKind.TRANSIENT)
        return Outcome(latency, True, cost)


class Columns(Plain):
    """Draws from numpy, seeded from what it is given."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        draws = np.random.default_rng(rng.getrandbits(64))
        return Outcome(float(draws.gamma(2.0)), True, 0.0)


class Derived(Plain):
    """Draws from a generator that is seeded from what it is given."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return super().sample(task, pool, now, random.Random(rng.random()))


class Breathes(Plain):
    """Every other minute the pool has half of its slots, at twice the price."""

    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        minute = int(now // 60)
        changed = {"capacity": pool.capacity // 2, "cost_per_unit": pool.cost_per_unit * 2}
        half = pool.model_copy(update=changed if minute % 2 else {})
        return PoolState(half, (minute + 1) * 60.0)


class GrowsWithoutBounds(Plain):
    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        grown = pool.model_copy(update={"capacity": pool.capacity + 1})
        return PoolState(grown, now + 60.0)


class MovesAway(Plain):
    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        return PoolState(pool.model_copy(update={"region": "elsewhere"}), now + 60.0)


class TossesForSlots(Plain):
    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        slots = random.randint(0, pool.capacity)
        return PoolState(pool.model_copy(update={"capacity": slots}), now + 60.0)


class WarmsUp(Plain):
    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        outcome = super().sample(task, pool, now, rng)
        self.seen[pool.name] += 1
        return outcome._replace(latency=outcome.latency + 1.0 / self.seen[pool.name])


class AnswersInItsOwnWords(Plain):
    def sample(self, *args: Any) -> Any:
        return SimpleNamespace(**super().sample(*args)._asdict())


class IsNormallyDistributed(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        outcome = super().sample(task, pool, now, rng)
        return outcome._replace(latency=rng.gauss(1.0, 1.0))


class MayTakeForEver(Plain):
    def sample(self, *args: Any) -> Outcome:
        outcome = super().sample(*args)
        return outcome if outcome.success else outcome._replace(latency=float("inf"))


class PaysBack(Plain):
    def sample(self, *args: Any) -> Outcome:
        outcome = super().sample(*args)
        return outcome if outcome.success else outcome._replace(cost=-1.0)


class LosesCount(Plain):
    def sample(self, *args: Any) -> Outcome:
        return super().sample(*args)._replace(cost=float("nan"))


class FailsInSilence(Plain):
    def sample(self, *args: Any) -> Outcome:
        return super().sample(*args)._replace(error=None)


class SucceedsWithAnError(Plain):
    def sample(self, *args: Any) -> Outcome:
        return super().sample(*args)._replace(error=ErrorKind.TIMEOUT, success=True)


class FailsInOtherWords(Plain):
    def sample(self, *args: Any) -> Outcome:
        outcome = super().sample(*args)
        error: Any = "oops"
        return outcome if outcome.success else outcome._replace(error=error)


class MarksTheTask(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        if "tags" in task.metadata:
            object.__setattr__(task, "metadata", {"tags": [pool.name]})
        return super().sample(task, pool, now, rng)


class MarksThePool(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        pool.worker.params["by_type"][task.type] = 1.0
        return super().sample(task, pool, now, rng)


class StampsItsWork(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        time.monotonic()
        return super().sample(task, pool, now, rng)


class ThrowsTheCommonDice(Plain):
    def sample(self, *args: Any) -> Outcome:
        return super().sample(*args)._replace(latency=random.random())


class ThrowsItsOwnDice(Plain):
    def __init__(self) -> None:
        self.rng = random.Random(7)

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return super().sample(task, pool, now, self.rng)


class ThrowsTheTasksDice(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return super().sample(task, pool, now, random.Random(task.id.int))


class ThrowsTheHoursDice(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return super().sample(task, pool, now, random.Random(now))


class ThrowsTheTasksDiceInColumns(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        draws = np.random.default_rng(task.id.int)
        return Outcome(float(draws.gamma(2.0)), True, 0.0)


class GetsTiredOfFailures(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        outcome = super().sample(task, pool, now, rng)
        return outcome._replace(latency=float("nan")) if task.attempt >= 5 else outcome


class KeepsADiary(Plain):
    def sample(self, *args: Any) -> Outcome:
        with open("/dev/null", "a"):
            return super().sample(*args)


CALLS = count()


class CountsAllThereAre(Plain):
    def sample(self, *args: Any) -> Outcome:
        return super().sample(*args)._replace(latency=float(next(CALLS)))


class HashesTheType(Plain):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        outcome = super().sample(task, pool, now, rng)
        return outcome._replace(latency=outcome.latency + hash(task.type) % 1000)


class Ahead(Plain):
    """Draws many at once as well."""

    def sample_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler | None:
        return partial(self.drawn, tasks, pool)

    def drawn(self, tasks: Sequence[Task], pool: WorkerPool, luck: NDArray[np.float64]) -> Samples:
        rows = luck.tolist()
        drawn = [self.sample(a, pool, 0.0, Dealt(b)) for a, b in zip(tasks, rows, strict=True)]
        errors = {at: one.error for at, one in enumerate(drawn) if one.error is not None}
        latency, cost = [one.latency for one in drawn], [one.cost for one in drawn]
        return Samples(np.array(latency), np.array(cost), errors)


class Dealt(random.Random):
    """Gives the numbers that it was dealt."""

    def __init__(self, numbers: Sequence[float]) -> None:
        super().__init__(0)
        self.numbers = iter(numbers)

    def random(self) -> float:
        return next(self.numbers)


class IsSurerInColumns(Ahead):
    def drawn(self, tasks: Sequence[Task], *args: Any) -> Samples:
        return super().drawn(tasks, *args)._replace(errors={})


class RoundsLargeBatches(Ahead):
    def drawn(self, tasks: Sequence[Task], *args: Any) -> Samples:
        drawn = super().drawn(tasks, *args)
        fine = len(tasks) <= 1000
        return drawn if fine else drawn._replace(latency=drawn.latency.round(6))


class DropsTheLastOfMany(Ahead):
    def drawn(self, tasks: Sequence[Task], pool: WorkerPool, luck: Any) -> Samples:
        return super().drawn(tasks[:300], pool, luck[:300])


class IsSlowerOnLargePools(Ahead):
    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        outcome = super().sample(task, pool, now, rng)
        return outcome._replace(latency=outcome.latency * (1 + pool.capacity))


class HasWeather(Plain):
    """One factor for all its attempts, by its seed."""

    factor = 1.0

    def seeded(self, seed: int) -> None:
        self.factor = random.Random(seed).random()

    def sample(self, *args: Any) -> Outcome:
        outcome = super().sample(*args)
        return outcome._replace(latency=outcome.latency * self.factor)


class HasTodaysWeather(HasWeather):
    def seeded(self, seed: int) -> None:
        self.factor = time.time() % 1.0


class HasCommonWeather(HasWeather):
    def seeded(self, seed: int) -> None:
        self.factor = random.random()


class TossesOnceItHasASeed(HasWeather):
    def sample(self, *args: Any) -> Outcome:
        outcome = super().sample(*args)
        return outcome if self.factor == 1.0 else outcome._replace(latency=random.random())


class HasALine(Plain):
    """Half of its slots serve."""

    def servers(self, pool: WorkerPool) -> int:
        return max(1, pool.capacity // 2)


class ServesByTheMillion(Plain):
    def servers(self, pool: WorkerPool) -> int:
        return 1_000_000


class ServesNobodyWhereItIsSmall(Plain):
    def servers(self, pool: WorkerPool) -> int:
        return pool.capacity // 2


class ServesByHalves(Plain):
    def servers(self, pool: WorkerPool) -> float:
        return max(1.0, pool.capacity / 2)
