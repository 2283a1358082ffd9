"""Runs simulations in the API process that was asked for them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from trx_core.admission import Wish
from trx_core.clock import Clock
from trx_core.errors import AdapterError, PluginError
from trx_core.ids import IdFactory
from trx_core.protocols import Arrival
from trx_server.accept import Acceptor
from trx_server.api.known_fleet import KnownFleet
from trx_server.pauses import growing_pauses
from trx_server.replay.pace import Pace
from trx_server.simulation.request import SimulationRequest, Traffic
from trx_server.store import (
    Pool,
    SimulationState,
    add_disruptions,
    end_simulation,
    note_progress,
)

__all__ = ["Simulations"]

logger = logging.getLogger(__name__)

TICK: Final = 0.02
BATCH: Final = 1000
BEAT: Final = 1.0
END_WITHIN: Final = 5.0
STORED_WITHIN: Final = 10.0
DEFECT: Final = "a defect of the service ended it; the log of the API tells more"


@dataclass(slots=True)
class _Progress:
    submitted: int = 0
    refused: int = 0
    detail: str | None = None
    refusal: str | None = None

    @property
    def told(self) -> str | None:
        """How it goes, and why tasks were refused if any were."""
        return "; ".join(filter(None, (self.detail, self.refusal))) or None


class Simulations:
    """Submits the tasks of scenarios through the accept path, each at its time.

    Scenarios are other people's code: they run in a thread, and what they raise ends their
    simulation alone. How far one is, and whether it should stop, stands in PostgreSQL, so that any
    API process can tell and any can stop it. It is not taken up again when its process ends: it
    counts as interrupted then, and every task that was accepted is carried out all the same.

    Args:
        pool: of connections to PostgreSQL.
        acceptor: stores tasks.
        fleet: knows which tasks no pool could take.
        ids: of tasks.
        clock: of the service.
    """

    def __init__(
        self, pool: Pool, acceptor: Acceptor, fleet: KnownFleet, ids: IdFactory, clock: Clock
    ) -> None:
        self._pool = pool
        self._acceptor = acceptor
        self._fleet = fleet
        self._ids = ids
        self._clock = clock
        self._group: TaskGroup | None = None

    async def run(self) -> None:
        """Run what is started, until it is cancelled."""
        async with anyio.create_task_group() as group:
            self._group = group
            await anyio.sleep_forever()

    def stop(self) -> None:
        """Interrupt all of them."""
        if self._group is not None:
            self._group.cancel_scope.cancel()

    def start(self, key: UUID, request: SimulationRequest, traffic: Traffic) -> None:
        """Begin a simulation that has been noted."""
        assert self._group is not None
        self._group.start_soon(self._conduct, key, request, traffic)

    async def _conduct(self, key: UUID, request: SimulationRequest, traffic: Traffic) -> None:
        """One simulation, from its first task to its end, however it ends."""
        progress = _Progress()
        state = SimulationState.INTERRUPTED
        try:
            state = await self._bounded(key, request, traffic, progress)
        except AdapterError as error:
            state, progress.detail = SimulationState.FAILED, str(error)
        except anyio.get_cancelled_exc_class():
            progress.detail = "the API process that ran it was stopped"
            raise
        except PluginError as error:
            logger.exception("simulation %s failed", key)
            state, progress.detail = SimulationState.FAILED, str(error)
        except Exception:
            logger.exception("simulation %s failed", key)
            state, progress.detail = SimulationState.FAILED, DEFECT
        finally:
            with anyio.move_on_after(END_WITHIN, shield=True):
                await self._end(key, state, progress)

    async def _bounded(
        self, key: UUID, request: SimulationRequest, traffic: Traffic, progress: _Progress
    ) -> SimulationState:
        stopped = anyio.Event()
        failure: Exception | None = None
        async with anyio.create_task_group() as group:

            async def beat() -> None:
                await self._beat(key, progress)
                stopped.set()
                group.cancel_scope.cancel()

            group.start_soon(beat)
            with anyio.move_on_after(request.max_seconds) as limit:
                try:
                    await self._send(key, request, traffic, progress)
                except Exception as error:
                    failure = error
            if limit.cancelled_caught:
                progress.detail = f"it reached its limit of {request.max_seconds:g} s"
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return SimulationState.STOPPED if stopped.is_set() else SimulationState.FINISHED

    async def _beat(self, key: UUID, progress: _Progress) -> None:
        """Tell how far it is; return when it should stop."""
        while True:
            await anyio.sleep(BEAT)
            try:
                goes_on = await note_progress(
                    self._pool,
                    key,
                    progress.submitted,
                    progress.refused,
                    progress.told,
                    self._clock.now(),
                )
            except AdapterError as error:
                logger.info("the progress of simulation %s is not noted. %s", key, error)
                continue
            if not goes_on:
                return

    async def _send(
        self, key: UUID, request: SimulationRequest, traffic: Traffic, progress: _Progress
    ) -> None:
        def begin() -> Pace:
            return Pace(traffic.arrivals(), request.speed, request.max_tasks)

        pace = await to_thread.run_sync(begin, abandon_on_cancel=True)
        now = self._clock.now()
        await add_disruptions(
            self._pool, key, [one.at(now, request.speed) for one in traffic.disruptions], now
        )
        started = anyio.current_time()
        while (due := pace.next_due) is not None:
            await anyio.sleep(max(TICK, due - (anyio.current_time() - started)))
            elapsed = anyio.current_time() - started
            batch = await to_thread.run_sync(pace.take, elapsed, BATCH, abandon_on_cancel=True)
            if batch:
                await self._submit(batch, progress)
        if progress.submitted + progress.refused >= request.max_tasks:
            progress.detail = f"it reached its limit of {request.max_tasks:,} tasks"

    async def _submit(self, batch: Sequence[Arrival], progress: _Progress) -> None:
        """Submit what some pool can take, again until it is stored; the ids prevent doubles."""
        now = self._clock.now()
        ids = self._ids.many(len(batch), now)
        pauses = growing_pauses()
        while True:
            try:
                wishes = [Wish.of(arrival.request) for arrival in batch]
                faults = await self._fleet.faults(set(wishes))
                tasks = [
                    arrival.request.to_task(key, now)
                    for arrival, wish, key in zip(batch, wishes, ids, strict=True)
                    if wish not in faults
                ]
                with anyio.move_on_after(STORED_WITHIN, shield=True) as storing:
                    if tasks:
                        await self._acceptor.submit(tasks)
                if not storing.cancelled_caught:
                    break
                progress.detail = "it waits for PostgreSQL"
            except AdapterError as error:
                progress.detail = f"it waits: {error.message}"
            await anyio.sleep(next(pauses))
        progress.submitted += len(tasks)
        progress.refused += len(batch) - len(tasks)
        reasons = [f"{one.field}: {one.message}" for found in faults.values() for one in found]
        progress.detail = None
        if reasons:
            progress.refusal = f"tasks are refused: {reasons[0]}"

    async def _end(self, key: UUID, state: SimulationState, progress: _Progress) -> None:
        for pause in growing_pauses():
            try:
                await end_simulation(
                    self._pool,
                    key,
                    state,
                    progress.submitted,
                    progress.refused,
                    progress.told,
                    self._clock.now(),
                )
            except AdapterError as error:
                logger.info("the end of simulation %s is not noted yet. %s", key, error)
                await anyio.sleep(pause)
            else:
                return
