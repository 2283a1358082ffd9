"""Pools whose capacity or price changes over time, followed the same way by both engines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from trx_core.errors import PluginError, describe
from trx_core.models import WorkerPool
from trx_core.protocols import PoolState, Varying

__all__ = ["Variations"]

Busy = Mapping[UUID, int]


class Variations:
    """Asks the workers that vary when their time has come.

    An engine tells its kernel of the pools that it gets, by ``PoolChanged``: at first those of
    :meth:`adopt`, and those of :meth:`advance` whenever :attr:`due` is reached.

    Attributes:
        due: when something may change next, seconds; infinity if nothing ever does.

    Args:
        worker_of: tells what carries out a pool's tasks.
    """

    def __init__(self, worker_of: Callable[[WorkerPool], object]) -> None:
        self.due = math.inf
        self._worker_of = worker_of
        self._fleet: dict[UUID, WorkerPool] = {}
        self._states: dict[UUID, PoolState] = {}

    @property
    def pools(self) -> Sequence[WorkerPool]:
        """The fleet as it is now, in its order."""
        states = self._states
        return [states[key].pool if key in states else pool for key, pool in self._fleet.items()]

    def adopt(self, pools: Sequence[WorkerPool], busy: Busy, now: float) -> Sequence[WorkerPool]:
        """Take over the fleet as it is described; how it is at ``now`` (seconds).

        A pool whose workers are the same goes on from the state that it was in.

        Raises:
            PluginError: ``TRX-P133``, a simulator gives a state that cannot be.
        """
        before, known = self._states, self._fleet
        self._fleet = {pool.id: pool for pool in pools}
        self._states = {}
        for key, pool in self._fleet.items():
            same = key in before and known[key].worker == pool.worker
            self._ask(pool, busy, now, before[key] if same else None)
        self._look_ahead()
        return self.pools

    def advance(self, busy: Busy, now: float) -> Sequence[WorkerPool] | None:
        """How the fleet is at ``now`` (seconds), or ``None`` if nothing has changed.

        Args:
            busy: occupied slots by pool.
            now: see above.

        Raises:
            PluginError: ``TRX-P133``, a simulator gives a state that cannot be.
        """
        due = [(key, state) for key, state in self._states.items() if state.until <= now]
        for key, state in due:
            self._ask(self._fleet[key], busy, now, state)
        self._look_ahead()
        changed = any(self._states[key].pool != state.pool for key, state in due)
        return self.pools if changed else None

    def _look_ahead(self) -> None:
        self.due = min((state.until for state in self._states.values()), default=math.inf)

    def _ask(self, pool: WorkerPool, busy: Busy, now: float, before: PoolState | None) -> None:
        worker = self._worker_of(pool)
        if not isinstance(worker, Varying):
            return
        try:
            state = worker.vary(pool, busy.get(pool.id, 0), now, before)
        except Exception as error:
            raise _blame(pool, f"raised {describe(error)}") from error
        if not _sane(state, pool, now):
            raise _blame(pool, f"varies it at {now:.3f} to {state!r}")
        self._states[pool.id] = state


def _sane(state: object, pool: WorkerPool, now: float) -> bool:
    if not isinstance(state, PoolState) or not state.until > now:
        return False
    given = {"capacity": state.pool.capacity, "cost_per_unit": state.pool.cost_per_unit}
    return (
        0 <= given["capacity"] <= pool.capacity
        and 0 <= given["cost_per_unit"] < math.inf
        and state.pool == pool.model_copy(update=given)
    )


def _blame(pool: WorkerPool, what: str) -> PluginError:
    return PluginError(
        f"the simulator {pool.worker.kind!r} of pool {pool.name!r} {what}.",
        code="TRX-P133",
        hint="It must return a PoolState of the pool with its own capacity, at most the given one, "
        "and price, both not negative, and a time to be asked again that is later than now.",
    )
