"""The fleet's simulated workers, sampled the same way by both engines."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Final, TypeGuard

import numpy as np
from numpy.typing import NDArray

from trx_core.engine.ahead import MOST_POOLS, Ahead, Sorts
from trx_core.engine.lines import Line
from trx_core.errors import PluginError, describe
from trx_core.models import Attempt, ErrorKind, Outcome, Task, WorkerPool, WorkerSpec
from trx_core.protocols import Queueing, Sampler, Samples, Seeded, Timeless, WorkerSimulator
from trx_core.randomness import KeyedRandom, Keys, Purpose, named

__all__ = ["FAILS", "Simulators", "is_sound"]

FAILS: Final = "trx.fails"
"""Key of a task's metadata; under it stands the kind of failure that every simulated attempt at the
task comes to: ``transient``, ``timeout`` or ``permanent``."""

_FATES: Final = {str(kind): kind for kind in ErrorKind}

_NUMBER: Final = (int, float)


class Simulators:
    """Samples outcomes; luck is keyed by task, attempt and pool, not by who asks first.

    Args:
        build: makes the simulator of a pool; called again when the pool's worker changes.
        seed: of all luck.
    """

    def __init__(self, build: Callable[[WorkerPool], WorkerSimulator], seed: int) -> None:
        self._build = build
        self._seed = seed
        self._luck = KeyedRandom(seed)
        self._sorts = Sorts()
        self._ahead: dict[int, tuple[Ahead, int]] = {}
        self._made: dict[int, tuple[WorkerSpec, WorkerSimulator]] = {}
        self._lines: dict[int, Line] = {}

    def prepare(self, pools: Iterable[WorkerPool]) -> None:
        """Make the simulators of ``pools`` now, so that what is wrong with one shows at once.

        Raises:
            TrxError: whatever making one raises.
        """
        for pool in pools:
            self.of(pool)

    def expect(self, tasks: Iterable[Task]) -> None:
        """Draw what the tasks' first attempts come to now, many at once; it is the same luck."""
        if len(self._made) > MOST_POOLS:
            return
        fresh = [task for task in tasks if not task.attempt]
        block = Ahead(fresh, self._deal, self._prepare_many, self._sorts.of)
        keys = [task.id.int for task in fresh]
        self._ahead.update(zip(keys, zip(repeat(block), range(len(keys))), strict=True))

    def _deal(self, tasks: Sequence[Task], number: int = 1) -> Keys:
        return self._luck.keys([task.id.int for task in tasks], [number], [Purpose.SERVICE])

    def sample(self, attempt: Attempt, now: float) -> Outcome:
        """The outcome of an attempt that starts at ``now`` (seconds).

        Raises:
            PluginError: ``TRX-P130``, the simulator raised or returned nonsense.
        """
        return self._draw(self.of(attempt.pool), attempt, now)

    def _draw(self, simulator: WorkerSimulator, attempt: Attempt, now: float) -> Outcome:
        task, pool, number, *_ = attempt
        expected = self._ahead.get(task.id.int) if number == 1 else None
        if expected is not None:
            block, row = expected
            luck = self._luck.take_up(block.hand(row, pool))
        else:
            luck = self._luck.at(task.id.int, number, Purpose.SERVICE, named(pool.name))
        try:
            outcome = simulator.sample(task, pool, now, luck)
        except (Exception, SystemExit) as error:
            raise _blame(pool, f"raised {describe(error)}") from error
        if not is_sound(outcome):
            raise _blame(pool, f"returned {outcome!r}")
        return _fated(task, outcome)

    def sample_many(
        self, tasks: Sequence[Task], number: int, pools: Sequence[WorkerPool]
    ) -> list[Samples] | None:
        """The outcomes of attempt ``number`` (from 1) of each task on each pool, if when and beside
        what it runs makes no difference; ``None`` if it may.

        Raises:
            PluginError: as :meth:`sample`.
        """
        by_sort: dict[int, Sampler] = {}
        for pool in pools:
            sort = self._sorts.of(pool)
            if sort not in by_sort:
                sampler = self._prepare_many(tasks, pool)
                if sampler is None:
                    return None
                by_sort[sort] = sampler
        keys = self._deal(tasks, number)
        return [
            by_sort[self._sorts.of(pool)](keys.then([named(pool.name)]).numbers()) for pool in pools
        ]

    def _prepare_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler | None:
        """What draws the tasks' outcomes on pools of one sort, if that can be; its blame is told
        as that of :meth:`sample`."""
        simulator = self.of(pool)
        if not isinstance(simulator, Timeless):
            return None
        if any(FAILS in task.metadata for task in tasks if task.metadata):
            return None
        try:
            sampler = simulator.sample_many(tasks, pool)
        except (Exception, SystemExit) as error:
            raise _blame(pool, f"raised {describe(error)}") from error
        if sampler is None:
            return None

        def drawn(luck: NDArray[np.float64]) -> Samples:
            try:
                samples = sampler(luck)
            except (Exception, SystemExit) as error:
                raise _blame(pool, f"raised {describe(error)}") from error
            if not _are_sound(samples, len(tasks)):
                raise _blame(pool, f"returned {samples!r:.200}")
            return samples

        return drawn

    def start(self, attempt: Attempt, now: float) -> Outcome:
        """The outcome of an attempt that begins at ``now`` (seconds), after those that stand in
        line before it where its pool has a line.

        Raises:
            PluginError: as :meth:`sample`.
        """
        task, pool, number, _, _ = attempt
        key = task.id.int
        expected = self._ahead.get(key)
        if expected is not None and number == 1 and not self._lines:
            block, row = expected
            success = block.success(row, pool)
            if success is not None:
                del self._ahead[key]
                return success
        outcome = self._in_line(attempt, now)
        self._ahead.pop(key, None)
        if not self._lines:
            return outcome
        line = self._lines.get(pool.id.int)
        if line is not None:
            line.take(task.slots, now + outcome.latency)
        return outcome

    def foretell(self, task: Task, pool: WorkerPool, now: float) -> Outcome:
        """The outcome that the task's next attempt will have if it starts there at ``now``
        (seconds); the truth where the simulator is a pure function, as its contract says.

        Raises:
            PluginError: as :meth:`sample`.
        """
        return self._in_line(Attempt(task, pool, task.attempt + 1, "", now), now)

    def _in_line(self, attempt: Attempt, now: float) -> Outcome:
        """The outcome, the wait in line included, before the attempt takes its place."""
        simulator = self.of(attempt.pool)
        line = self._lines.get(attempt.pool.id.int) if self._lines else None
        if line is None or not isinstance(simulator, Queueing):
            return self._draw(simulator, attempt, now)
        begins = line.opens(simulator.servers(attempt.pool), attempt.task.slots, now)
        outcome = self._draw(simulator, attempt, begins)
        return outcome._replace(latency=begins - now + outcome.latency)

    def of(self, pool: WorkerPool) -> WorkerSimulator:
        """The simulator of a pool, which is made when it is first asked for."""
        known = self._made.get(pool.id.int)
        if known is not None and (known[0] is pool.worker or known[0] == pool.worker):
            return known[1]
        simulator = self._build(pool)
        if isinstance(simulator, Seeded):
            simulator.seeded(self._seed)
        self._made[pool.id.int] = (pool.worker, simulator)
        self._sorts.of(pool)
        self._lines.pop(pool.id.int, None)
        if isinstance(simulator, Queueing) and simulator.servers(pool) < pool.capacity:
            self._lines[pool.id.int] = Line()
        return simulator


def _fated(task: Task, outcome: Outcome) -> Outcome:
    """The outcome, unless the task is bound to fail."""
    fate = task.metadata.get(FAILS) if task.metadata else None
    kind = _FATES.get(fate) if isinstance(fate, str) else None
    if kind is None:
        return outcome
    return outcome._replace(success=False, error=kind, detail=f"its metadata say {FAILS}: {kind}")


def is_sound(outcome: object) -> TypeGuard[Outcome]:
    """Whether it is an ``Outcome`` whose fields keep to their ranges."""
    if not isinstance(outcome, Outcome):
        return False
    latency, success, cost, error, _, retry_after = outcome
    return (
        isinstance(latency, _NUMBER)
        and 0 <= latency < math.inf
        and isinstance(cost, _NUMBER)
        and 0 <= cost < math.inf
        and success is (error is None)
        and (error is None or isinstance(error, ErrorKind))
        and (retry_after is None or _is_measure(retry_after))
    )


def _are_sound(samples: object, count: int) -> bool:
    """Whether they are ``Samples`` of ``count`` attempts whose columns keep to their ranges."""
    return (
        isinstance(samples, Samples)
        and all(_are_measures(column, count) for column in samples[:2])
        and all(0 <= row < count for row in samples.errors)
        and all(isinstance(kind, ErrorKind) for kind in samples.errors.values())
    )


def _are_measures(column: object, count: int) -> bool:
    return (
        isinstance(column, np.ndarray)
        and column.shape == (count,)
        and column.dtype == np.float64
        and bool(column.min() >= 0 and column.max() < math.inf)
    )


def _is_measure(value: object) -> bool:
    return isinstance(value, _NUMBER) and 0 <= value < math.inf


def _blame(pool: WorkerPool, what: str) -> PluginError:
    return PluginError(
        f"the simulator {pool.worker.kind!r} of pool {pool.name!r} {what}.",
        code="TRX-P130",
        hint="It must return an Outcome with a finite latency and cost, not negative, and an "
        "error exactly when it fails.",
    )
